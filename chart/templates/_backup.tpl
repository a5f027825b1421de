{{/* What dumping and restoring have in common: a Job's spec. Call with (dict "root" $ "job" name). */}}
{{- define "todo.backupJob" -}}
backoffLimit: 2
activeDeadlineSeconds: 7200
template:
  metadata:
    labels:
      {{- include "todo.labels" (list .root .job) | nindent 6 }}
  spec:
    restartPolicy: Never
    serviceAccountName: {{ include "todo.name" .root }}-jobs
    automountServiceAccountToken: false
    enableServiceLinks: false
    {{- with include "todo.pullSecrets" .root }}{{ . | nindent 4 }}{{ end }}
    securityContext:
      runAsNonRoot: true
      runAsUser: {{ .root.Values.postgres.userID | int }}
      runAsGroup: {{ .root.Values.postgres.userID | int }}
      fsGroup: {{ .root.Values.postgres.userID | int }}
      seccompProfile:
        type: RuntimeDefault
    containers:
      - name: {{ .job }}
        image: {{ .root.Values.postgres.image }}
        command: [/bin/sh, /scripts/{{ .job }}.sh]
        env:
          - name: PG_BIN
            value: {{ .root.Values.postgres.binPath }}
          - name: PGHOST
            value: {{ .root.Release.Name }}-postgres
          - name: PGUSER
            value: {{ include "todo.databaseOwner" .root }}
          - name: PGDATABASE
            value: {{ include "todo.databaseName" .root }}
          - name: PASSWORD_FILE
            value: /run/secrets/todo-app/owner-password
          {{- if eq .job "backup" }}
          - name: KEEP
            value: {{ .root.Values.backup.keep | int | quote }}
          {{- else }}
          - name: FILE
            value: {{ .root.Values.backup.restoreFile | quote }}
          {{- end }}
        resources:
          {{- toYaml .root.Values.backup.resources | nindent 10 }}
        securityContext:
          {{- include "todo.containerSecurity" .root | nindent 10 }}
        volumeMounts:
          {{- include "todo.secretMount" .root | nindent 10 }}
          - name: scripts
            mountPath: /scripts
            readOnly: true
          - name: dumps
            mountPath: /dumps
          - name: tmp
            mountPath: /tmp
    volumes:
      - name: tmp
        emptyDir: {}
      {{- include "todo.secretVolume" (list .root (list "owner-password")) | nindent 6 }}
      - name: scripts
        configMap:
          name: {{ include "todo.name" .root }}-backup
      - name: dumps
        persistentVolumeClaim:
          claimName: {{ include "todo.name" .root }}-backup
{{- end -}}
