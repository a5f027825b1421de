{{/* The labels that everything carries. Call with (list $ component). */}}
{{- define "todo.labels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: todo-app
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ last . }}
app.kubernetes.io/part-of: todo-app
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end -}}

{{/* The labels by which policies and monitors find pods. Call with (list $ component). */}}
{{- define "todo.selector" -}}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* Name of the objects that there is one of. */}}
{{- define "todo.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "todo.secret" -}}
{{- .Values.global.existingSecret | default (include "todo.name" .) -}}
{{- end -}}

{{/* The functions that are deployed, each merged over the defaults, as YAML. */}}
{{- define "todo.functions" -}}
{{- $functions := dict -}}
{{- range $name, $own := .Values.functions -}}
{{- $f := mergeOverwrite (deepCopy $.Values.defaults) (deepCopy ($own | default dict)) -}}
{{- if $f.enabled -}}
{{- $_ := set $f "image" ($f.image | default $name) -}}
{{- $_ := set $f "service" (printf "%s%s" $.Values.functionPrefix $name) -}}
{{- $_ := set $functions $name $f -}}
{{- end -}}
{{- end -}}
{{- $functions | toYaml -}}
{{- end -}}

{{/* The functions that are not deployed, with commas between. */}}
{{- define "todo.functionsOff" -}}
{{- $functions := include "todo.functions" . | fromYaml -}}
{{- $off := list -}}
{{- range .Files.Get "files/routes.yaml" | fromYamlArray -}}
{{- if not (hasKey $functions .function) -}}
{{- $off = append $off .function -}}
{{- end -}}
{{- end -}}
{{- $off | uniq | sortAlpha | join "," -}}
{{- end -}}

{{/* An image by its key. Call with (list $ key). */}}
{{- define "todo.image" -}}
{{- $root := first . -}}{{- $key := last . -}}
{{- get $root.Values.images $key | required (printf "images.%s is not set: run `make images` and add the values file that it writes, or add chart/values-ko.yaml and give the result to `ko apply`" $key) -}}
{{- end -}}

{{- define "todo.pullSecrets" -}}
{{- with .Values.imagePullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What Pod Security's "restricted" asks of a container, and a root it cannot write to. */}}
{{- define "todo.containerSecurity" -}}
runAsNonRoot: true
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Host and port of PostgreSQL. */}}
{{- define "todo.databaseHost" -}}
{{- if .Values.postgres.enabled -}}
{{ .Release.Name }}-postgres:5432
{{- else -}}
{{ .Values.database.host | required "database.host is not set: it names your PostgreSQL when postgres.enabled is false" }}:{{ .Values.database.port }}
{{- end -}}
{{- end -}}

{{/* URL of the database for a role, without the password. Call with (list $ role). */}}
{{- define "todo.databaseURL" -}}
{{- $root := first . -}}
postgres://{{ last . }}@{{ include "todo.databaseHost" $root }}/{{ include "todo.databaseName" $root }}?sslmode={{ ternary "disable" $root.Values.database.sslmode $root.Values.postgres.enabled }}
{{- end -}}

{{- define "todo.databaseName" -}}
{{- ternary "todo" .Values.database.name .Values.postgres.enabled -}}
{{- end -}}

{{- define "todo.databaseOwner" -}}
{{- ternary "todo" .Values.database.owner .Values.postgres.enabled -}}
{{- end -}}

{{/* URL of Redis without the password; empty for none. */}}
{{- define "todo.cacheURL" -}}
{{- if .Values.redis.enabled -}}
redis://{{ .Release.Name }}-redis:6379
{{- else -}}
{{ .Values.cache.url }}
{{- end -}}
{{- end -}}

{{/* Environment with which a pod connects to the database. Call with (list $ role key-of-its-password how). */}}
{{- define "todo.databaseEnv" -}}
{{- $root := index . 0 -}}
- name: DATABASE_URL
  value: {{ include "todo.databaseURL" (list $root (index . 1)) }}
{{ include "todo.passwordEnv" (list $root "DATABASE_PASSWORD" (index . 2) (index . 3)) }}
{{- include "todo.authorityEnv" (list "DATABASE_CA" $root.Values.database.caSecret) }}
{{- end -}}

{{/* Whom to believe, where that is not what images bring: by the environment, as no volume is waited for then. Call with (list name-of-the-setting Secret). */}}
{{- define "todo.authorityEnv" -}}
{{- if last . }}
- name: {{ first . }}
  valueFrom:
    secretKeyRef:
      name: {{ last . }}
      key: ca.crt
{{- end -}}
{{- end -}}

{{/* A setting that is a password. Call with (list $ name-of-the-setting key how), how being "environment" or "files". */}}
{{- define "todo.passwordEnv" -}}
{{- if eq (index . 3) "files" -}}
- name: {{ index . 1 }}_FILE
  value: /run/secrets/todo-app/{{ index . 2 }}
{{- else -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "todo.secret" (index . 0) }}
      key: {{ index . 2 }}
      {{- if eq (index . 2) "redis-password" }}
      optional: true # a Redis of your own may have none
      {{- end }}
{{- end -}}
{{- end -}}

{{/* Environment of what tells a collector. */}}
{{- define "todo.telemetryEnv" -}}
{{- with .Values.telemetry }}
{{- if .endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
{{- range $key := keys .env | sortAlpha }}
- name: {{ $key }}
  value: {{ get $.Values.telemetry.env $key | quote }}
{{- end }}
{{- if .existingSecret }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .secretKey }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Environment of who asks the language model. Call with (list $ how), as above. */}}
{{- define "todo.modelEnv" -}}
{{- $root := first . -}}
{{- with $root.Values.chat -}}
- name: TODO_CHAT_TIME
  value: {{ .timeSeconds | int | quote }}
{{- if .url }}
- name: TODO_CHAT_URL
  value: {{ .url | quote }}
- name: TODO_CHAT_MODEL
  value: {{ .model | quote }}
- name: TODO_CHAT_TURNS
  value: {{ .turns | int | quote }}
- name: TODO_CHAT_TOKENS
  value: {{ .tokens | int | quote }}
- name: TODO_CHAT_DAILY_TOKENS
  value: {{ .dailyTokens | int | quote }}
{{- if and .existingSecret (eq (last $) "files") }}
- name: TODO_CHAT_KEY_FILE
  value: /run/secrets/model/key
{{- else if .existingSecret }}
- name: TODO_CHAT_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .secretKey }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Not empty where API keys are taken. */}}
{{- define "todo.apikeys" -}}
{{- if has .Values.auth.mode (list "apikey" "both") }}yes{{ end -}}
{{- end -}}

{{/* Not empty where tokens of an issuer are taken. */}}
{{- define "todo.tokens" -}}
{{- if has .Values.auth.mode (list "jwt" "both") }}yes{{ end -}}
{{- end -}}

{{/* Volume of passwords. Call with (list $ keys). */}}
{{- define "todo.secretVolume" -}}
- name: secrets
  projected:
    sources:
      {{- range last . }}
      - secret:
          name: {{ include "todo.secret" (first $) }}
          items: [{key: {{ . }}, path: {{ . }}}]
          {{- if eq . "redis-password" }}
          optional: true # a Redis of your own may have none
          {{- end }}
      {{- end }}
{{- end -}}

{{- define "todo.secretMount" -}}
- name: secrets
  mountPath: /run/secrets/todo-app
  readOnly: true
{{- end -}}

{{/* Nine tenths of a memory limit, for Go's collector to keep under. */}}
{{- define "todo.goMemoryLimit" -}}
{{ div (mul (include "todo.mebi" .) 9) 10 }}MiB
{{- end -}}

{{/* A CPU quantity in thousandths: "250m", "2". */}}
{{- define "todo.milli" -}}
{{- $q := toString . -}}
{{- if hasSuffix "m" $q }}{{ trimSuffix "m" $q }}{{ else }}{{ mul $q 1000 }}{{ end -}}
{{- end -}}

{{/* A memory quantity in MiB: "128Mi", "1Gi". */}}
{{- define "todo.mebi" -}}
{{- $q := toString . -}}
{{- if hasSuffix "Gi" $q }}{{ mul (trimSuffix "Gi" $q) 1024 }}{{ else }}{{ trimSuffix "Mi" $q }}{{ end -}}
{{- end -}}

{{/* Most connections to PostgreSQL at once: two revisions of every function at their largest, and the Jobs. */}}
{{- define "todo.connections" -}}
{{- $n := 6 -}}{{/* migration, sweep and its overlap, backup, restore */}}
{{- range $f := include "todo.functions" . | fromYaml -}}
{{- if has "database" $f.uses -}}
{{- $n = add $n (mul 2 $f.databaseConns $f.scaling.maxScale) -}}
{{- end -}}
{{- end -}}
{{- $n -}}
{{- end -}}
