{{/* Where the journal lies in the pod. */}}
{{- define "hivewright.journalDirectory" -}}
/var/lib/hivewright
{{- end -}}

{{/* Name of the claim that the journal lies on. */}}
{{- define "hivewright.journalClaim" -}}
{{- .Values.journal.persistence.existingClaim | default (printf "%s-journal" (include "hivewright.fullname" .)) -}}
{{- end -}}

{{- define "hivewright.journalArgs" -}}
{{- with .Values.journal }}
{{- if .enabled -}}
- --journal={{ include "hivewright.journalDirectory" $ }}/journal.db
- --journal-max-age={{ .maxAge }}
- --journal-max-bytes={{ kindIs "string" .maxBytes | ternary .maxBytes (printf "%d" (int64 .maxBytes)) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hivewright.journalMounts" -}}
{{- if .Values.journal.enabled -}}
- name: journal
  mountPath: {{ include "hivewright.journalDirectory" . }}
{{- end }}
{{- end -}}

{{- define "hivewright.journalVolumes" -}}
{{- with .Values.journal }}
{{- if .enabled -}}
- name: journal
{{- if .persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ include "hivewright.journalClaim" $ }}
{{- else }}
  emptyDir:
    {{- $of := dict }}
    {{- with .emptyDir.medium }}{{ $_ := set $of "medium" . }}{{ end }}
    {{- with .emptyDir.sizeLimit }}{{ $_ := set $of "sizeLimit" . }}{{ end }}
    {{- toYaml $of | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
