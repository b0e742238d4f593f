//! Code references: where repositories name flags (behaviour.md 19).
//!
//! A repository and a branch are a document each, and so are the references of one branch to one flag: an
//! upload replaces a branch as a whole but writes only what differs from what is there. Deviation: an upload
//! leaves an entry in the audit log, as every change does.

mod access;
mod branches;
mod extinctions;
mod load;
mod repositories;
mod repository;
mod reps;
mod statistics;
mod upload;

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, on};

use crate::read;

/// The operations on code references.
#[must_use]
pub fn ops() -> Operations {
    let branches = Access::Actions(&["updateCodeRefsRepositoryBranches"]);
    Operations::new()
        .with(on("getRepositories", read::VIEWER, repositories::list).reply::<repositories::RepositoriesRep>())
        .with(
            on("postRepository", Access::Actions(&["createCodeRefsRepository"]), repository::create)
                .body::<repository::RepositoryPost>()
                .reply::<reps::RepositoryRep>(),
        )
        .with(on("getRepository", read::VIEWER, repository::get).reply::<reps::RepositoryRep>())
        .with(
            on("patchRepository", Access::Actions(repository::PATCH), repository::patch)
                .body::<wigwag_kit::patch::Body>()
                .reply::<reps::RepositoryRep>(),
        )
        .with(on("deleteRepository", Access::Actions(&["deleteCodeRefsRepository"]), repository::delete))
        .with(on("deleteBranches", branches, branches::delete).body::<Vec<String>>())
        .with(on("getBranches", read::VIEWER, branches::list).reply::<branches::BranchesRep>())
        .with(on("getBranch", read::VIEWER, branches::get).reply::<reps::BranchRep>())
        .with(
            on("putBranch", branches, upload::put)
                .body::<upload::PutBranch>()
                .body_limit(upload::LIMIT)
                .unpacked_limit(upload::UNPACKED_LIMIT),
        )
        .with(on("getExtinctions", read::VIEWER, extinctions::list).reply::<extinctions::ExtinctionsRep>())
        .with(on("postExtinction", branches, extinctions::post).body::<Vec<extinctions::ExtinctionRep>>())
        .with(on("getRootStatistic", read::VIEWER, statistics::root).reply::<statistics::StatisticsRoot>())
        .with(
            on("getStatistics", Access::Actions(&["viewProject"]), statistics::of_project)
                .reply::<statistics::StatisticsRep>(),
        )
}
