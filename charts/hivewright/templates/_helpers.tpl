{{/* Name of everything in this release; 50 characters leave room for suffixes in a DNS label. */}}
{{- define "hivewright.fullname" -}}
{{- if contains "hivewright" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-hivewright" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "hivewright.selectorLabels" -}}
app.kubernetes.io/name: hivewright
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end -}}

{{- define "hivewright.labels" -}}
{{ include "hivewright.selectorLabels" . }}
app.kubernetes.io/part-of: hivewright
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "hivewright.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "hivewright.fullname" .) -}}
{{- end -}}

{{/* Name of what readers use; with -reviews and -way at its end it still fits. */}}
{{- define "hivewright.reader" -}}
{{- printf "%s-reader" (include "hivewright.fullname" .) -}}
{{- end -}}

{{/* What one needs to read about an MCPServer: the right to it. */}}
{{- define "hivewright.readerRules" -}}
- apiGroups: [toolhive.stacklok.dev]
  resources: [mcpservers]
  verbs: [get, list, watch]
{{- end -}}

{{/* Takes a dict of image and chart. */}}
{{- define "hivewright.image" -}}
{{- printf "%s:%s" .image.repository (.image.tag | default .chart.AppVersion) -}}
{{- end -}}

{{/*
What the controller may do where it watches; the same as the table in the controller's access.rs,
which a test compares.
*/}}
{{- define "hivewright.rules" -}}
- apiGroups: [toolhive.stacklok.dev]
  resources: [mcpservers]
  verbs: [list, watch]
- apiGroups: [toolhive.stacklok.dev]
  resources: [mcpservers/status]
  verbs: [patch]
# Asked for only where the admission plugin OwnerReferencesPermissionEnforcement is on (OpenShift):
# the objects' owner references block a foreground deletion of their MCPServer.
- apiGroups: [toolhive.stacklok.dev]
  resources: [mcpservers/finalizers]
  verbs: [update]
# What it makes for each MCPServer, by server-side apply: create for a new object, patch for one
# that is there. What it deletes is a Service that a server no longer needs, and a StatefulSet whose
# Service is another now, a field that cannot be changed; the rest goes with its MCPServer, by owner
# references and the garbage collector.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [list, watch, create, patch]
# get beside list and watch: each proxy follows its own ConfigMap, by name, and so may do no more
# than the controller. The controller itself also watches those that MCPServers name as permission
# profiles.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [list, watch, create, patch]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [list, watch, create, patch, delete]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles, rolebindings]
  verbs: [list, watch, create, patch]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [list, watch, create, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
# Why quotas or admission refuse a pod to a StatefulSet is told in an Event and nowhere else.
- apiGroups: [""]
  resources: [events]
  verbs: [list, watch]
{{- if .Values.watchSecrets }}
# Only metadata is asked for, a difference that RBAC does not know. watchSecrets=false takes the
# right away.
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch]
{{- end }}
# Pods: it reads them; the rest of this block and the next ones are what each proxy may do with the
# pods of its own server. The API server lets nobody grant what they do not hold. The alternatives,
# the verbs escalate and bind on roles, would let the controller grant anything, Secrets included.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, delete]
- apiGroups: [""]
  resources: [pods/attach]
  verbs: [get, create]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [pods/status]
  verbs: [patch]
- apiGroups: [apps]
  resources: [statefulsets/scale]
  verbs: [get, patch]
{{- end -}}
