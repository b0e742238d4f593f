//! Members in a DynamoDB table, laid out as SDKs read them (sdk-protocol.md 8.3).
//!
//! How far the copy has come is an attribute beside it. Every transaction checks that it is where it was found, and the
//! last of a patch moves it: so patches are applied in order however often they are tried, and by however many servers.
//! What a patch does can be done twice, as its first transactions are when the last one fails.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wigwag_kit::Result as ApiResult;
use wigwag_model::clock::Millis;
use wigwag_outbound::{AwsService, Failure, Outbound};

use super::redis::Stopped;
use crate::read::revisions::{self, Patch, Surroundings};

/// Most things of one transaction, the check included.
const TRANSACTION_MAX: usize = 100;

/// A table, and what names in it begin with.
pub(super) struct Table {
    pub(super) service: AwsService,
    pub(super) name: String,
    pub(super) prefix: String,
}

/// Where a copy is kept, and by which calls.
struct Copy<'a> {
    outbound: &'a Outbound,
    table: &'a Table,
    now: Millis,
}

/// Brings the copy up to date, and notes when it was.
pub(super) async fn sync(outbound: &Outbound, table: &Table, at: &Surroundings, now: Millis) -> Result<(), Stopped> {
    let copy = Copy { outbound, table, now };
    loop {
        let version = copy.cursor().await?;
        let patches: ApiResult<Vec<Patch>> = revisions::next(at, &version).await;
        let patches = patches.map_err(Stopped::Here)?;
        if patches.is_empty() {
            break;
        }
        let mut version = version;
        for patch in &patches {
            if !copy.apply(patch, &version).await? {
                // Another server moved it meanwhile: look again where it is.
                break;
            }
            version.clone_from(&patch.version);
        }
    }
    copy.synchronised().await.map_err(Stopped::There)
}

impl Copy<'_> {
    fn metadata(&self) -> Value {
        let name = self.name("big_segments_metadata");
        json!({"namespace": {"S": name}, "key": {"S": name}})
    }

    fn name(&self, name: &str) -> String {
        if self.table.prefix.is_empty() { name.to_owned() } else { format!("{}:{name}", self.table.prefix) }
    }

    /// How far the copy has come; empty where there is none.
    async fn cursor(&self) -> Result<String, Failure> {
        let body = json!({"TableName": self.table.name, "Key": self.metadata(), "ConsistentRead": true});
        let answer = self.done("GetItem", body).await?;
        Ok(answer["Item"]["lastVersion"]["S"].as_str().unwrap_or_default().to_owned())
    }

    /// Applies a patch to a copy at `version`. Whether it was there.
    async fn apply(&self, patch: &Patch, version: &str) -> Result<bool, Failure> {
        let writes: Vec<Value> = moves(patch).into_iter().map(|(hash, done)| self.write(patch, hash, done)).collect();
        let mut chunks = writes.chunks(TRANSACTION_MAX - 1).peekable();
        loop {
            let chunk = chunks.next().unwrap_or_default();
            let last = chunks.peek().is_none();
            let mut items = vec![self.at(version, last.then_some(&*patch.version))];
            items.extend_from_slice(chunk);
            if !self.transaction(items).await? {
                return Ok(false);
            }
            if last {
                return Ok(true);
            }
        }
    }

    /// Checks that the copy is at a version, and moves it to another.
    fn at(&self, version: &str, to: Option<&str>) -> Value {
        let condition = if version.is_empty() { "attribute_not_exists(#v) OR #v = :from" } else { "#v = :from" };
        let mut item = json!({
            "TableName": self.table.name, "Key": self.metadata(), "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#v": "lastVersion"}, "ExpressionAttributeValues": {":from": {"S": version}},
        });
        let Some(to) = to else { return json!({"ConditionCheck": item}) };
        item["UpdateExpression"] = "SET #v = :to".into();
        item["ExpressionAttributeValues"][":to"] = json!({"S": to});
        json!({"Update": item})
    }

    fn write(&self, patch: &Patch, hash: &str, done: Move) -> Value {
        let lists = [("#i", "included"), ("#e", "excluded")];
        let touched = || lists.into_iter().zip(done);
        let names: Map<String, Value> = touched()
            .filter(|(_, action)| action.is_some())
            .map(|((short, list), _)| (short.into(), list.into()))
            .collect();
        // One clause for each action, whichever lists it is done to.
        let clause = |action| {
            let terms: Vec<String> = touched()
                .filter(|(_, done)| *done == Some(action))
                .map(|((short, _), _)| format!("{short} :s"))
                .collect();
            (!terms.is_empty()).then(|| format!("{action} {}", terms.join(", ")))
        };
        let expression = ["ADD", "DELETE"].into_iter().filter_map(clause).collect::<Vec<_>>().join(" ");
        json!({"Update": {
            "TableName": self.table.name,
            "Key": {"namespace": {"S": self.name("big_segments_user")}, "key": {"S": hash}},
            "UpdateExpression": expression,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {":s": {"SS": [patch.segment_id]}},
        }})
    }

    /// Whether its check held. A conflict with another transaction passes, and is tried again later.
    async fn transaction(&self, items: Vec<Value>) -> Result<bool, Failure> {
        let answer = self.call("TransactWriteItems", json!({"TransactItems": items})).await?;
        let refused = answer.kind() == Some("TransactionCanceledException");
        let moved = |reason: &Value| reason["Code"] == "ConditionalCheckFailed";
        if refused && answer.body["CancellationReasons"].as_array().is_some_and(|reasons| reasons.iter().any(moved)) {
            return Ok(false);
        }
        answer.accepted().map(|_| true)
    }

    async fn synchronised(&self) -> Result<(), Failure> {
        let body = json!({
            "TableName": self.table.name, "Key": self.metadata(), "UpdateExpression": "SET #t = :t",
            "ExpressionAttributeNames": {"#t": "synchronizedOn"},
            "ExpressionAttributeValues": {":t": {"N": self.now.to_string()}},
        });
        self.done("UpdateItem", body).await.map(drop)
    }

    async fn done(&self, operation: &str, body: Value) -> Result<Value, Failure> {
        self.call(operation, body).await?.accepted()
    }

    async fn call(&self, operation: &str, body: Value) -> Result<Answer, Failure> {
        let target = format!("DynamoDB_20120810.{operation}");
        let answer = self.outbound.aws(&self.table.service, &target, body.to_string().into(), self.now).await?;
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(Answer { status: answer.status, body })
    }
}

/// What the service said.
struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    /// What kind of refusal it is.
    fn kind(&self) -> Option<&str> {
        let kind = self.body["__type"].as_str().filter(|_| self.status != 200)?;
        kind.rsplit('#').next()
    }

    fn accepted(self) -> Result<Value, Failure> {
        if self.status == 200 {
            return Ok(self.body);
        }
        let kind = self.kind().unwrap_or("refused");
        let text = self.body["message"].as_str().or_else(|| self.body["Message"].as_str()).unwrap_or_default();
        Err(Failure::Refused(format!("DynamoDB: {} {kind}: {text}", self.status)))
    }
}

/// What happens to a key in the lists of the included and of the excluded.
type Move = [Option<&'static str>; 2];

/// Hashes, and what happens to each: all of it in one write, since a transaction touches nothing twice.
fn moves(patch: &Patch) -> BTreeMap<&str, Move> {
    let mut found: BTreeMap<&str, Move> = BTreeMap::new();
    for (list, moves) in [&patch.changes.included, &patch.changes.excluded].into_iter().enumerate() {
        for (action, hashes) in [("DELETE", &moves.remove), ("ADD", &moves.add)] {
            hashes.iter().for_each(|hash| found.entry(hash).or_default()[list] = Some(action));
        }
    }
    found
}
