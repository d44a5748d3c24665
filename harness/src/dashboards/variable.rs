//! What a reader chooses at the top of a dashboard.

use serde_json::{Value, json};

/// A variable.
#[derive(Clone, Copy, Debug)]
pub(super) enum Variable {
    /// Which Prometheus.
    Source,
    /// The values of a label.
    Label {
        /// The variable.
        name: &'static str,
        /// What a reader sees.
        label: &'static str,
        /// What it is for.
        description: &'static str,
        /// The metric and label whose values it offers.
        values: &'static str,
        /// Several, or all, may be chosen.
        several: bool,
    },
}

/// The namespaces of MCPServers: any number of them.
pub(super) const NAMESPACES: Variable = namespace(true);
/// The namespace of one MCPServer.
pub(super) const NAMESPACE: Variable = namespace(false);
/// MCPServers: any number of them.
pub(super) const SERVERS: Variable = server(true);
/// One MCPServer.
pub(super) const SERVER: Variable = server(false);
/// The namespaces of controllers.
pub(super) const CONTROLLERS: Variable = Variable::Label {
    name: "controller",
    label: "Controller",
    description: "Namespaces in which controllers run.",
    values: "label_values(hivewright_controller_build_info, namespace)",
    several: true,
};

const fn namespace(several: bool) -> Variable {
    Variable::Label {
        name: "namespace",
        label: "Namespace",
        description: "Namespaces that have MCPServers.",
        values: "label_values(hivewright_mcpserver_ready, mcpserver_namespace)",
        several,
    }
}

const fn server(several: bool) -> Variable {
    Variable::Label {
        name: "mcpserver",
        label: "MCPServer",
        description: "MCPServers of the chosen namespaces.",
        values: "label_values(hivewright_mcpserver_ready{mcpserver_namespace=~\"$namespace\"}, mcpserver)",
        several,
    }
}

impl Variable {
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Source => json!({
                "name": "datasource",
                "label": "Data source",
                "description": "The Prometheus that scrapes Hivewright.",
                "type": "datasource",
                "query": "prometheus",
                "refresh": 1,
                "current": {},
            }),
            Self::Label {
                name,
                label,
                description,
                values,
                several,
            } => {
                let mut variable = json!({
                    "name": name,
                    "label": label,
                    "description": description,
                    "type": "query",
                    "datasource": source(),
                    "definition": values,
                    "query": { "query": values, "refId": name },
                    "refresh": 2,
                    "sort": 1,
                    "includeAll": several,
                    "multi": several,
                    "current": {},
                });
                if *several {
                    variable["allValue"] = json!(".*");
                    variable["current"] = json!({ "text": "All", "value": "$__all" });
                }
                variable
            }
        }
    }
}

/// The chosen Prometheus.
pub(super) fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}
