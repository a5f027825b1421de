package app

// DeployedIn is for tests, which run in no pod.
var DeployedIn = deployedIn
