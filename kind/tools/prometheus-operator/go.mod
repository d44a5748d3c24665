module hivewright.dev/kind/tools/prometheus-operator

go 1.26.0

// Its CustomResourceDefinitions alone: no program of it is built.
require github.com/prometheus-operator/prometheus-operator v0.85.0
