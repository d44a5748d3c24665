{{/*
Where the controller's telemetry goes, as variables of the OpenTelemetry specification; nothing if no
collector is named.
*/}}
{{- define "hivewright.telemetry" -}}
{{- with .Values.telemetry.otlp }}
{{- if .endpoint -}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_TRACES_EXPORTER
  value: {{ ternary "otlp" "none" .traces }}
- name: OTEL_LOGS_EXPORTER
  value: {{ ternary "otlp" "none" .logs }}
- name: OTEL_METRICS_EXPORTER
  value: {{ ternary "otlp" "none" .metrics }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .samplingRatio | toString | quote }}
{{- if .headersSecret.name }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ .headersSecret.name }}
      key: {{ .headersSecret.key }}
{{- end }}
{{- if .caConfigMap.name }}
- name: OTEL_EXPORTER_OTLP_CERTIFICATE
  value: /etc/hivewright/collector/{{ .caConfigMap.key }}
{{- end }}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.uid
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
{{- /* A variable can name only those above it; POD_NAME is. */}}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ include "hivewright.resourceAttributes" $ | quote }}
{{- end }}
{{- end }}
{{- with .Values.telemetry.env }}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hivewright.resourceAttributes" -}}
{{- $known := dict "k8s.namespace.name" "$(POD_NAMESPACE)" "k8s.pod.name" "$(POD_NAME)" "k8s.pod.uid" "$(POD_UID)" "k8s.node.name" "$(NODE_NAME)" "k8s.deployment.name" (include "hivewright.fullname" .) "service.namespace" .Release.Namespace "service.instance.id" "$(POD_UID)" -}}
{{- $pairs := list -}}
{{- range $name, $value := merge (dict) .Values.telemetry.resourceAttributes $known -}}
{{- $value = ternary $value (urlquery $value | replace "+" "%20") (hasPrefix "$(" $value) -}}
{{- $pairs = append $pairs (printf "%s=%s" $name $value) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* The port of the collector, for the NetworkPolicy. */}}
{{- define "hivewright.collectorPort" -}}
{{- $url := urlParse .Values.telemetry.otlp.endpoint -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/* The collector's certificates. */}}
{{- define "hivewright.telemetryVolumes" -}}
{{- with .Values.telemetry.otlp.caConfigMap }}
{{- if .name -}}
- name: collector
  configMap:
    name: {{ .name }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hivewright.telemetryMounts" -}}
{{- if .Values.telemetry.otlp.caConfigMap.name -}}
- name: collector
  mountPath: /etc/hivewright/collector
  readOnly: true
{{- end }}
{{- end -}}
