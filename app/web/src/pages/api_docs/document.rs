//! The part of an OpenAPI document that the page shows. The server reads the document, so that the browser gets a tenth of it and
//! no code to understand the rest.

use serde::{Deserialize, Serialize};

/// The REST interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiDocument {
    /// Its operations, by noun, in the document's order.
    pub groups: Vec<ApiGroup>,
}

/// The operations on one noun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiGroup {
    /// Its tag.
    pub name: String,
    /// What the document says about it.
    pub text: String,
    /// Its id in the page.
    pub anchor: String,
    /// Its operations.
    pub operations: Vec<ApiOperation>,
}

/// One method of one path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiOperation {
    /// In capitals.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// One line.
    pub summary: String,
    /// More, if there is more.
    pub text: String,
    /// What goes into the path, the query and the headers.
    pub parameters: Vec<ApiField>,
    /// The fields of the JSON body.
    pub body: Vec<ApiField>,
    /// What comes back.
    pub responses: Vec<ApiResponse>,
    /// A command line to try it.
    pub curl: String,
}

/// A parameter, or a field of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiField {
    /// Its name.
    pub name: String,
    /// `path`, `query`, `header`, or empty in a body.
    pub place: String,
    /// Its type.
    pub kind: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub text: String,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiResponse {
    /// The HTTP status.
    pub status: String,
    /// When.
    pub text: String,
    /// The name of its schema.
    pub kind: String,
}

#[cfg(any(feature = "ssr", test))]
mod read {
    use serde_json::Value;

    use super::{ApiDocument, ApiField, ApiGroup, ApiOperation, ApiResponse};

    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

    impl ApiDocument {
        /// Takes what the page shows out of an OpenAPI 3 document. Whatever is missing or odd in it is left out.
        #[must_use]
        pub fn from_openapi(document: &Value) -> Self {
            // The document's own order of nouns, not that of the alphabet.
            let named =
                document["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str());
            let mut groups: Vec<ApiGroup> = named.map(|tag| new_group(document, tag)).collect();
            for (path, methods) in document["paths"].as_object().into_iter().flatten() {
                for method in METHODS {
                    let operation = &methods[method];
                    if !operation.is_object() {
                        continue;
                    }
                    let tag = operation["tags"][0].as_str().unwrap_or("other");
                    let read = read_operation(document, path, method, methods, operation);
                    match groups.iter_mut().find(|group| group.name == tag) {
                        Some(group) => group.operations.push(read),
                        None => groups.push(ApiGroup { operations: vec![read], ..new_group(document, tag) }),
                    }
                }
            }
            groups.retain(|group| !group.operations.is_empty());
            Self { groups }
        }
    }

    fn new_group(document: &Value, tag: &str) -> ApiGroup {
        ApiGroup {
            name: tag.to_owned(),
            text: tag_text(document, tag),
            anchor: anchor(tag),
            operations: Vec::new(),
        }
    }

    fn tag_text(document: &Value, tag: &str) -> String {
        document["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|known| known["name"].as_str() == Some(tag))
            .map_or_else(String::new, |known| text(&known["description"]))
    }

    fn anchor(tag: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        format!("group-{}", tag.chars().map(plain).collect::<String>())
    }

    fn read_operation(
        document: &Value,
        path: &str,
        method: &str,
        item: &Value,
        operation: &Value,
    ) -> ApiOperation {
        let parameters: Vec<ApiField> = [&item["parameters"], &operation["parameters"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| {
                let parameter = resolve(document, parameter);
                ApiField {
                    name: text(&parameter["name"]),
                    place: text(&parameter["in"]),
                    kind: kind(&parameter["schema"]),
                    required: parameter["required"].as_bool().unwrap_or(false),
                    text: text(&parameter["description"]),
                }
            })
            .collect();
        let body = read_body(document, resolve(document, &operation["requestBody"]));
        let method = method.to_uppercase();
        ApiOperation {
            curl: curl(&method, path, &parameters, &body),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            text: text(&operation["description"]),
            parameters,
            body,
            responses: read_responses(document, &operation["responses"]),
            method,
        }
    }

    fn read_body(document: &Value, body: &Value) -> Vec<ApiField> {
        let schema = resolve(document, &body["content"]["application/json"]["schema"]);
        let required = |name: &str| {
            schema["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
        };
        schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, property)| ApiField {
                name: name.clone(),
                place: String::new(),
                kind: kind(property),
                required: required(name),
                text: text(&property["description"]),
            })
            .collect()
    }

    fn read_responses(document: &Value, responses: &Value) -> Vec<ApiResponse> {
        responses
            .as_object()
            .into_iter()
            .flatten()
            .map(|(status, response)| {
                let response = resolve(document, response);
                ApiResponse {
                    status: status.clone(),
                    text: text(&response["description"]),
                    kind: kind(&response["content"]["application/json"]["schema"]),
                }
            })
            .collect()
    }

    /// The name of a schema, or its type.
    fn kind(schema: &Value) -> String {
        if let Some(reference) = schema["$ref"].as_str() {
            return reference.rsplit('/').next().unwrap_or_default().to_owned();
        }
        for several in ["oneOf", "anyOf", "allOf"] {
            if let Some(first) =
                schema[several].as_array().into_iter().flatten().find(|one| one["type"] != "null")
            {
                return kind(first);
            }
        }
        if let Some(names) = schema["enum"].as_array() {
            return names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
        }
        let name = match &schema["type"] {
            Value::String(name) => name.as_str(),
            Value::Array(names) => {
                names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default()
            }
            _ => "",
        };
        if name == "array" {
            return format!("{}[]", kind(&schema["items"]));
        }
        name.to_owned()
    }

    /// Follows a `$ref` inside the document, once: ours never points at another.
    fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
        value["$ref"]
            .as_str()
            .and_then(|reference| document.pointer(reference.strip_prefix('#')?))
            .unwrap_or(value)
    }

    /// A command that works after `ORIGIN=https://…` and `TOKEN=…` were set.
    fn curl(method: &str, path: &str, parameters: &[ApiField], body: &[ApiField]) -> String {
        let mut query = String::new();
        for parameter in
            parameters.iter().filter(|parameter| parameter.place == "query" && parameter.required)
        {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(&format!("{0}={{{0}}}", parameter.name));
        }
        let mut text = String::from("curl");
        if method != "GET" {
            text.push_str(&format!(" -X {method}"));
        }
        if path != "/api/authenticate" {
            text.push_str(" -H \"authorization: Bearer $TOKEN\"");
        }
        if !body.is_empty() {
            let fields: Vec<String> = body
                .iter()
                .filter(|field| field.required)
                .map(|field| format!("\"{}\": …", field.name))
                .collect();
            let json = format!("{{{}}}", fields.join(", ")).replace('\'', "'\\''");
            text.push_str(&format!(" \\\n  -H 'content-type: application/json' -d '{json}'"));
        }
        text.push_str(&format!(" \\\n  \"$ORIGIN{path}{query}\""));
        text
    }

    fn text(value: &Value) -> String {
        // Descriptions are Markdown; of it only the code marks occur, and plain text is what is shown.
        value.as_str().unwrap_or_default().trim().replace('`', "")
    }

    #[cfg(test)]
    mod tests {
        use serde_json::json;

        use super::*;

        #[test]
        fn operations_are_grouped_and_references_followed() {
            let document = json!({
                "tags": [{"name": "ec2", "description": "Instances."}],
                "paths": {
                    "/api/ec2/terminate/{id}": {
                        "delete": {
                            "tags": ["ec2"], "summary": "Terminate", "requestBody":
                                {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Confirm"}}}},
                            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                            "responses": {"200": {"description": "Done", "content":
                                {"application/json": {"schema": {"$ref": "#/components/schemas/StateChange"}}}}},
                        }
                    },
                    "/api/ec2": {"get": {"tags": ["ec2"], "responses": {}}},
                },
                "components": {"schemas": {"Confirm": {"required": ["confirmation"], "properties":
                    {"confirmation": {"type": ["string", "null"]}}}}}
            });
            let read = ApiDocument::from_openapi(&document);
            assert_eq!(read.groups.len(), 1);
            assert_eq!((read.groups[0].text.as_str(), read.groups[0].operations.len()), ("Instances.", 2));
            let terminate = read.groups[0].operations.iter().find(|op| op.method == "DELETE").expect("there");
            assert_eq!(terminate.responses[0].kind, "StateChange");
            assert_eq!((terminate.body[0].kind.as_str(), terminate.body[0].required), ("string", true));
            assert!(terminate.curl.contains("-X DELETE") && terminate.curl.contains("\"confirmation\": …"));
        }

        #[test]
        fn an_odd_document_gives_an_empty_page() {
            for odd in [json!(null), json!({"paths": []}), json!({"paths": {"/x": {"get": 1}}})] {
                assert_eq!(ApiDocument::from_openapi(&odd), ApiDocument::default());
            }
        }
    }
}
