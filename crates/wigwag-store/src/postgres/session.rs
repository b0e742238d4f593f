//! The writer's connection, with its statements prepared.

use super::connect::{Connector, INDEX_ONLY, PLAN_ONCE};
use super::engine;
use crate::Result;
#[cfg(feature = "testing")]
use crate::testing::faults::FAILS;
use futures_util::future::{BoxFuture, join_all};
use std::collections::HashMap;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// A connection whose requests go out in the order in which they are started, without waiting for
/// the answers of those before.
pub(super) struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    #[cfg(feature = "testing")]
    place: String,
}

/// A request under way.
pub(super) type Reply<'a> = BoxFuture<'a, Result<Vec<Row>>>;

/// Parameters of a request.
pub(super) type Params<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

impl Session {
    pub(super) async fn open(connector: &Connector) -> Result<Self> {
        let (client, _driver) = connector.connect().await?;
        client.batch_execute(&[INDEX_ONLY, PLAN_ONCE].join(";")).await.map_err(engine)?;
        let texts: Vec<_> = super::load::ALL
            .iter()
            .chain(super::save::ALL)
            .chain(super::members::ALL)
            .chain(crate::sign_in::ALL)
            .chain(crate::deliveries::prepared())
            .collect();
        let prepared = join_all(texts.iter().map(|text| client.prepare(text))).await;
        let statements =
            texts.into_iter().zip(prepared).map(|(text, statement)| Ok((*text, statement.map_err(engine)?)));
        let statements = statements.collect::<Result<_>>()?;
        Ok(Self {
            client,
            statements,
            #[cfg(feature = "testing")]
            place: connector.place(),
        })
    }

    /// Whether the server has hung up.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// `BEGIN`, `COMMIT` and the like.
    pub(super) fn frame(&self, text: &'static str) -> Reply<'_> {
        #[cfg(feature = "testing")]
        let text = crate::testing::faults::instead(&self.place, text);
        Box::pin(async move { self.client.batch_execute(text).await.map(|()| Vec::new()).map_err(engine) })
    }

    /// One of the prepared statements.
    pub(super) fn run<'a>(&'a self, text: &'static str, params: Params<'a>) -> Reply<'a> {
        #[cfg(feature = "testing")]
        if crate::testing::faults::due(&self.place, text) {
            // Without preparing it first: what comes behind it in the pipeline must not overtake it.
            return Box::pin(
                async move { self.client.batch_execute(FAILS).await.map(|()| Vec::new()).map_err(engine) },
            );
        }
        Box::pin(async move {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| &**p as &(dyn ToSql + Sync)).collect();
            match self.statements.get(text) {
                Some(statement) => self.client.query(statement, &params).await.map_err(engine),
                None => self.client.query(text, &params).await.map_err(engine),
            }
        })
    }

    /// Sends the requests one behind the other and waits for all: one round trip. The first error counts.
    pub(super) async fn pipeline(&self, requests: Vec<Reply<'_>>) -> Result<Vec<Vec<Row>>> {
        // Polled in order (a list this short is), and each sends when first polled.
        join_all(requests).await.into_iter().collect()
    }
}

/// A list of parameters.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>),*] };
}
pub(super) use params;
