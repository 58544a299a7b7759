{{/* Name of the application. */}}
{{- define "almanac.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Prefix of all object names; short enough for the longest suffix. */}}
{{- define "almanac.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "almanac.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "almanac.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels that never change. Call with (dict "root" $ "component" "…"). */}}
{{- define "almanac.selectorLabels" -}}
app.kubernetes.io/name: {{ include "almanac.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* All labels of an object. Call with (dict "root" $ "component" "…"). */}}
{{- define "almanac.labels" -}}
{{ include "almanac.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "almanac.image" -}}
{{- $image := .Values.image -}}
{{- $name := $image.repository -}}
{{- if $image.registry -}}{{- $name = printf "%s/%s" $image.registry $image.repository -}}{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Whether the chart has to make a Secret: "true" or nothing. */}}
{{- define "almanac.ownSecret" -}}
{{- if or (not .Values.database.existingSecret) (not .Values.amqp.existingSecret) -}}true{{- end -}}
{{- end -}}

{{/* The part of the environment that holds DATABASE_URL. Call with (dict "root" $ "ownSecret" "name of the chart's Secret"). */}}
{{- define "almanac.databaseEnv" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
{{- with .root.Values.database }}
      name: {{ default $.ownSecret .existingSecret }}
      key: {{ if .existingSecret }}{{ .existingSecretKey }}{{ else }}DATABASE_URL{{ end }}
{{- end }}
{{- end -}}

{{- define "almanac.amqpEnv" -}}
- name: AMQP_URL
  valueFrom:
    secretKeyRef:
{{- with .root.Values.amqp }}
      name: {{ default $.ownSecret .existingSecret }}
      key: {{ if .existingSecret }}{{ .existingSecretKey }}{{ else }}AMQP_URL{{ end }}
{{- end }}
{{- end -}}

{{/* The environment that all services have. Call with (dict "root" $ "service" values of the service). */}}
{{- define "almanac.env" -}}
{{- $own := dict "root" .root "ownSecret" (printf "%s-connections" (include "almanac.fullname" .root)) -}}
{{ include "almanac.databaseEnv" $own }}
{{ include "almanac.amqpEnv" $own }}
- name: ALMANAC_HOST
  value: {{ .root.Values.bindAddress | quote }}
- name: ALMANAC_LOG_LEVEL
  value: {{ .root.Values.logLevel | quote }}
- name: ALMANAC_SHUTDOWN_GRACE_MS
  value: {{ .root.Values.shutdownGraceMs | int64 | quote }}
{{- with concat .root.Values.extraEnv .service.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Longer than the service's own grace, so that it is never cut off while it drains. */}}
{{- define "almanac.terminationGracePeriodSeconds" -}}
{{- add (divf .Values.shutdownGraceMs 1000 | ceil | int64) 15 -}}
{{- end -}}

{{/* Who the pod is and what it may do. Call with (dict "root" $ "serviceAccount" "…" "token" bool). */}}
{{- define "almanac.podIdentity" -}}
serviceAccountName: {{ .serviceAccount }}
automountServiceAccountToken: {{ .token }}
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Where the pod may run. Call with the values of the service. */}}
{{- define "almanac.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The head of every container. */}}
{{- define "almanac.container" -}}
image: {{ include "almanac.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  {{- toYaml .Values.containerSecurityContext | nindent 2 }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "almanac.volumes" -}}
- name: tmp
  emptyDir: {}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Alive: the process answers. Ready: what it needs answers too; an outage of the database must not restart anything. */}}
{{- define "almanac.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: http }
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  httpGet: { path: /livez, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
readinessProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{/* Annotations of a pod: restart when the chart's Secret changes. Call with (dict "root" $ "service" values of the service). */}}
{{- define "almanac.podAnnotations" -}}
{{- if include "almanac.ownSecret" .root }}
checksum/connections: {{ printf "%s|%s" .root.Values.database.url .root.Values.amqp.url | sha256sum }}
{{- end }}
{{- with .service.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Whether Almanac itself scales the processors: "true" or nothing. */}}
{{- define "almanac.scalesProcessors" -}}
{{- if and .Values.autoscaler.enabled (eq .Values.autoscaler.target "kubernetes") -}}true{{- end -}}
{{- end -}}

{{/* Whether the number of processors is set by somebody else than the chart: "true" or nothing. */}}
{{- define "almanac.movesProcessors" -}}
{{- if and .Values.autoscaler.enabled (has .Values.autoscaler.target (list "kubernetes" "hpa-floor")) -}}true{{- end -}}
{{- end -}}

{{/* Whether the autoscaler talks to the API server, and so needs a token: "true" or nothing. */}}
{{- define "almanac.autoscalerToken" -}}
{{- if or (include "almanac.movesProcessors" .) (include "almanac.externalMetrics" .) -}}true{{- end -}}
{{- end -}}

{{- define "almanac.keda" -}}
{{- if and .Values.autoscaler.enabled .Values.autoscaler.keda.enabled -}}true{{- end -}}
{{- end -}}

{{- define "almanac.externalMetrics" -}}
{{- if and .Values.autoscaler.enabled .Values.autoscaler.externalMetrics.enabled -}}true{{- end -}}
{{- end -}}

{{/* Whether others may ask the autoscaler for the plan: "true" or nothing. */}}
{{- define "almanac.servesPlan" -}}
{{- if and .Values.autoscaler.enabled .Values.autoscaler.service.metricsApi -}}true{{- end -}}
{{- include "almanac.keda" . -}}
{{- include "almanac.externalMetrics" . -}}
{{- end -}}

{{/* Name of the HPA whose floor the autoscaler sets. */}}
{{- define "almanac.hpa" -}}
{{- default (printf "%s-processor" (include "almanac.fullname" .)) .Values.autoscaler.hpa -}}
{{- end -}}

{{/* Prefix of the names of objects that do not belong to a namespace. */}}
{{- define "almanac.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "almanac.fullname" .) -}}
{{- end -}}

{{/* A PodDisruptionBudget. Call with (dict "root" $ "component" "…"). */}}
{{- define "almanac.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "almanac.fullname" .root }}-{{ .component }}
  labels:
    {{- include "almanac.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .root.Values.podDisruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "almanac.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/* A ServiceAccount without rights of its own. Call with (dict "root" $ "component" "…"). */}}
{{- define "almanac.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "almanac.fullname" .root }}-{{ .component }}
  labels:
    {{- include "almanac.labels" . | nindent 4 }}
automountServiceAccountToken: false
{{- end -}}
