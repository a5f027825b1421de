{{/* Parts of the policies in networkpolicies.yaml. */}}
{{- define "todo.policy.dns" }}
{{- with .Values.networkPolicy.dns }}
- {{ if or .namespaces .cidrs }}to:
    {{- range .namespaces }}
    {{- include "todo.policy.namespace" . | nindent 4 }}
    {{- end }}
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{ end }}ports:
    {{- range .ports }}
    - {port: {{ int . }}, protocol: UDP}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- end }}
{{- define "todo.policy.component" }}
- podSelector:
    matchLabels:
      {{- include "todo.selector" . | nindent 6 }}
{{- end }}
{{- define "todo.policy.namespace" }}
- namespaceSelector:
    matchLabels: {kubernetes.io/metadata.name: {{ . }}}
{{- end }}
{{- define "todo.policy.functions" }}
- to:
    {{- range .Values.networkPolicy.ingressNamespaces }}
    {{- include "todo.policy.namespace" . | nindent 4 }}
    {{- end }}
    {{- include "todo.policy.namespace" .Values.networkPolicy.knativeNamespace | nindent 4 }}
{{- end }}
{{/* Ports at which an address is reached: its own, and those that pods behind a Service have. Call with (list $ address). */}}
{{- define "todo.policy.ports" }}
{{- $url := urlParse (last .) }}
{{- $port := ternary 443 80 (eq $url.scheme "https") }}
{{- if regexMatch ":[0-9]+$" $url.host }}{{ $port = last (splitList ":" $url.host) | int }}{{ end }}
- {port: {{ $port }}, protocol: TCP}
{{- range (first .).Values.networkPolicy.egressPorts }}
- {port: {{ int . }}, protocol: TCP}
{{- end }}
{{- end }}
{{/* What a Job's pods may reach. Call with (list $ job). */}}
{{- define "todo.policy.job" -}}
{{- $root := first . -}}
spec:
  podSelector:
    matchLabels:
      {{- include "todo.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "todo.policy.dns" $root | nindent 4 }}
    {{- include "todo.policy.database" $root | nindent 4 }}
    {{- if eq (last .) "sweep" }}
    {{- include "todo.policy.sink" $root | nindent 4 }}
    {{- include "todo.policy.telemetry" $root | nindent 4 }}
    {{- end }}
{{- end }}
{{- define "todo.policy.database" }}
{{- if .Values.postgres.enabled }}
- to:
    {{- include "todo.policy.component" (list . "postgres") | nindent 4 }}
  ports: [{port: 5432, protocol: TCP}]
{{- else }}
- {{ if .Values.database.cidrs }}to:
    {{- range .Values.database.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{ end }}ports: [{port: {{ .Values.database.port | int }}, protocol: TCP}]
{{- end }}
{{- end }}
{{- define "todo.policy.issuer" }}
{{- with .Values.auth.jwt }}
{{- range list .issuer .jwksURL | compact | uniq }}
- ports:
    {{- include "todo.policy.ports" (list $ .) | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- define "todo.policy.sink" }}
{{- if .Values.events.sink }}
- ports:
    {{- include "todo.policy.ports" (list . .Values.events.sink) | nindent 4 }}
    - {port: 8080, protocol: TCP} # a cluster's own sinks listen here behind port 80
{{- include "todo.policy.functions" . }}{{/* the sink may be a Knative Service, behind whatever port the ingress has */}}
{{- end }}
{{- end }}
{{- define "todo.policy.model" }}
{{- if .Values.chat.url }}
- {{ if .Values.chat.cidrs }}to:
    {{- range .Values.chat.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{ end }}ports:
    {{- include "todo.policy.ports" (list . .Values.chat.url) | nindent 4 }}
{{- end }}
{{- end }}
{{- define "todo.policy.telemetry" }}
{{- if .Values.telemetry.endpoint }}
- {{ if .Values.telemetry.cidrs }}to:
    {{- range .Values.telemetry.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{ end }}ports:
    {{- include "todo.policy.ports" (list . .Values.telemetry.endpoint) | nindent 4 }}
{{- end }}
{{- end }}
{{- define "todo.policy.apiServer" }}
{{- with .Values.networkPolicy.apiServer }}
- {{ if .cidrs }}to:
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{ end }}ports:
    {{- range .ports }}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- end }}
