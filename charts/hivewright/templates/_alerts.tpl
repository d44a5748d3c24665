{{/*
The rules as Prometheus reads them. Those of rules/*.yaml are fixed; alerts.slo becomes recorded
series that they ask for, so that a target can be changed for one server without another rule.
*/}}

{{/* Targets for each MCPServer, as rules that record them. */}}
{{- define "hivewright.alerts.targets" -}}
{{- $slo := .Values.alerts.slo -}}
groups:
  - name: hivewright-slo-targets
    rules:
      {{- include "hivewright.alerts.objective" (dict "slo" "availability" "objective" $slo.availability.objective) | nindent 6 }}
      {{- include "hivewright.alerts.objective" (dict "slo" "latency" "objective" $slo.latency.objective) | nindent 6 }}
      {{- include "hivewright.alerts.bucket" (dict "seconds" $slo.latency.seconds) | nindent 6 }}
      - record: hivewright:slo:minimum_failures
        expr: vector({{ $slo.minimumFailures }})
      {{- range $slo.servers }}
      {{- $of := dict "namespace" .namespace "mcpserver" .name }}
      {{- with .availability }}
      {{- include "hivewright.alerts.objective" (dict "slo" "availability" "objective" .objective "of" $of) | nindent 6 }}
      {{- end }}
      {{- with .latency }}
      {{- include "hivewright.alerts.objective" (dict "slo" "latency" "objective" (.objective | default $slo.latency.objective) "of" $of) | nindent 6 }}
      {{- include "hivewright.alerts.bucket" (dict "seconds" (.seconds | default $slo.latency.seconds) "of" $of) | nindent 6 }}
      {{- end }}
      {{- end }}
{{- end -}}

{{/* One objective: of one server, or of all. */}}
{{- define "hivewright.alerts.objective" -}}
- record: hivewright:slo_{{ .slo }}:objective
  expr: vector({{ .objective }} / 100)
  {{- with .of }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* The bucket that ends at a number of seconds, in both ways in which its bound is written. */}}
{{- define "hivewright.alerts.bucket" -}}
{{- $whole := toString .seconds -}}
{{- $bounds := ternary (list $whole) (list $whole (printf "%s.0" $whole)) (contains "." $whole) -}}
{{- $of := .of | default dict -}}
{{- range $i, $le := $bounds }}
{{- if $i }}
{{ end -}}
- record: hivewright:slo_latency:bucket
  expr: vector(1)
  labels:
    {{- toYaml (merge (dict "le" $le) $of) | nindent 4 }}
{{- end }}
{{- end -}}

{{/* One file of rules, with what the values change of its alerts. Takes a dict of root and path. */}}
{{- define "hivewright.alerts.file" -}}
{{- $alerts := .root.Values.alerts -}}
{{- $groups := list -}}
{{- range $group := (.root.Files.Get .path | fromYaml).groups -}}
{{- $rules := list -}}
{{- range $rule := $group.rules -}}
{{- $own := dict -}}
{{- if $rule.alert -}}
{{- $own = index $alerts.overrides $rule.alert | default dict -}}
{{- range $key := list "for" "keep_firing_for" -}}
{{- if hasKey $own $key -}}{{- $_ := set $rule $key (index $own $key) -}}{{- end -}}
{{- end -}}
{{- with $own.severity -}}{{- $_ := set $rule.labels "severity" . -}}{{- end -}}
{{- $_ := set $rule "labels" (merge (dict) $alerts.labels $rule.labels) -}}
{{- $page := printf "%s/%s.md" (trimSuffix "/" $alerts.runbooks) $rule.alert -}}
{{- $_ := set $rule.annotations "runbook_url" $page -}}
{{- end -}}
{{- if ne (toString $own.enabled) "false" -}}{{- $rules = append $rules $rule -}}{{- end -}}
{{- end -}}
{{- $_ := set $group "rules" $rules -}}
{{- if $rules -}}{{- $groups = append $groups $group -}}{{- end -}}
{{- end -}}
{{- toYaml (dict "groups" $groups) -}}
{{- end -}}

{{/* Refuses overrides of alerts that there are not. */}}
{{- define "hivewright.alerts.known" -}}
{{- $known := list -}}
{{- range $path, $_ := .Files.Glob "rules/*.yaml" -}}
{{- range ($.Files.Get $path | fromYaml).groups -}}
{{- range .rules -}}{{- with .alert -}}{{- $known = append $known . -}}{{- end -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := .Values.alerts.overrides -}}
{{- if not (has $name $known) -}}
{{- fail (printf "alerts.overrides.%s is no alert of this chart; there are: %s" $name (join ", " $known)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
