//! `POST /teams/{teamKey}/members`: members by a CSV file of their addresses. All of them, or nobody.

use std::collections::{HashMap, HashSet};

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::resource::{Account, Stored, load, retried, save};
use wigwag_kit::{Ctx, Error, Proofs, Reply, Request, Resource, Result};
use wigwag_model::doc::{Kind, Member};

use super::Teams;
use crate::common::{is_email, multipart, names};

/// Largest file, in bytes.
pub(super) const LARGEST: usize = 25 * 1024 * 1024;
/// Most lines of it.
const MOST: usize = 50_000;

/// What became of each line.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TeamImportsRep")]
pub(super) struct UploadRep {
    items: Vec<Item>,
}

/// A line.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MemberImportItem")]
struct Item {
    /// The number of the line and what is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// `success` or `error`.
    status: &'static str,
    /// The address.
    value: String,
}

/// What is wrong with a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Problem {
    Empty,
    Twice,
    InTeam,
    NoAddress,
    NoMember,
}

impl Problem {
    const fn text(self) -> &'static str {
        match self {
            Self::Empty => "empty row",
            Self::Twice => "duplicate entry",
            Self::InTeam => "email already exists in the specified team",
            Self::NoAddress => "invalid email formatting",
            Self::NoMember => "email does not belong to a member of this account",
        }
    }

    /// What is said where it is wrong with every line.
    const fn all(self) -> &'static str {
        match self {
            Self::Empty | Self::Twice => "File is empty",
            Self::InTeam => "All emails belong to existing team members",
            Self::NoAddress => "All emails have invalid formatting",
            Self::NoMember => "No emails belong to members of your organization",
        }
    }
}

/// The part of the form that is the file, if there is one.
fn file(request: &Request) -> Result<Option<Vec<u8>>> {
    let mut form = multipart::Form::open(request, &*request.body)?;
    let mut file = None;
    while let Some(part) = form.part()? {
        let mut body = Vec::new();
        form.body(&mut |piece| {
            body.extend_from_slice(piece);
            Ok(())
        })?;
        if part.name == "file" && file.is_none() {
            file = Some(body);
        }
    }
    Ok(file)
}

pub(super) async fn upload(ctx: Ctx, request: Request) -> Result<Reply> {
    let key = request.param("teamKey");
    // Whether there is a team to add to comes before the file.
    let found = load::<Teams>(&ctx, &Account, key).await?;
    ctx.authorise("updateTeamMembers", &Teams::spec(&found.value, &Account))?;
    let file = file(&request)?.ok_or_else(|| Error::missing("file"))?;
    if file.len() > LARGEST {
        return Err(Error::Invalid("File exceeds 25mb".to_owned()));
    }
    let text = str::from_utf8(&file).map_err(|_| Error::Invalid("Unable to process file".to_owned()))?;
    let lines = addresses(text);
    if lines.len() > MOST {
        return Err(Error::field("file", format_args!("must have at most {MOST} lines")));
    }
    let members = by_address(&ctx).await?;
    let (added, items) = retried(false, || attempt(&ctx, key, &lines, &members)).await?;
    let reply = Reply::json(&UploadRep { items })?;
    Ok(if added { reply } else { reply.status(StatusCode::MULTI_STATUS) })
}

async fn attempt(
    ctx: &Ctx,
    key: &str,
    lines: &[(usize, String)],
    members: &HashMap<String, String>,
) -> Result<(bool, Vec<Item>)> {
    let Stored { value: mut team, version } = load::<Teams>(ctx, &Account, key).await?;
    let proof = ctx.authorise("updateTeamMembers", &Teams::spec(&team, &Account))?;
    let there: HashSet<&str> = team.member_ids.iter().map(String::as_str).collect();
    let checked = check(lines, members, &there)?;
    let bad = checked.iter().any(|(_, outcome)| outcome.is_err());
    let new: Vec<String> = checked.iter().filter_map(|(_, outcome)| outcome.ok()).map(str::to_owned).collect();
    let item = |((line, value), (_, outcome)): (&(usize, String), &(usize, Outcome<'_>))| Item {
        message: outcome.err().map(|problem| format!("Line {line}: {}", problem.text())),
        status: if outcome.is_ok() { "success" } else { "error" },
        value: value.clone(),
    };
    let items = lines.iter().zip(&checked).map(item).collect();
    if bad {
        return Ok((false, items));
    }
    let text = format!("* Added {}\n", names(new.iter().map(String::as_str), "members"));
    let before = team.clone();
    team.member_ids.extend(new);
    Teams::check(&team)?;
    Teams::given(ctx, Some(&before), &team).await?;
    Teams::touch(&mut team, ctx);
    let describe = |change: wigwag_kit::Change| change.description(text);
    save::<Teams>(ctx, &Account, team, Some(version), describe, Proofs::of(proof), "updated the team").await?;
    Ok((true, items))
}

type Outcome<'a> = std::result::Result<&'a str, Problem>;

/// The member of each line. Where the same is wrong with all of them, that is all there is to say.
fn check<'a>(
    lines: &[(usize, String)],
    members: &'a HashMap<String, String>,
    there: &HashSet<&str>,
) -> Result<Vec<(usize, Outcome<'a>)>> {
    let mut seen = HashSet::new();
    let one = |(line, text): &(usize, String)| {
        let email = text.to_lowercase();
        let outcome = match members.get(&email) {
            _ if text.is_empty() => Err(Problem::Empty),
            _ if !is_email(&email) => Err(Problem::NoAddress),
            _ if !seen.insert(email.clone()) => Err(Problem::Twice),
            None => Err(Problem::NoMember),
            Some(id) if there.contains(id.as_str()) => Err(Problem::InTeam),
            Some(id) => Ok(id.as_str()),
        };
        (*line, outcome)
    };
    let checked: Vec<_> = lines.iter().map(one).collect();
    let first = checked.iter().find(|(_, outcome)| *outcome != Err(Problem::Empty));
    let Some((_, first)) = first else { return Err(Error::Invalid(Problem::Empty.all().to_owned())) };
    match first {
        Err(problem) if checked.iter().all(|(_, outcome)| outcome == first) => {
            Err(Error::Invalid(problem.all().to_owned()))
        }
        _ => Ok(checked),
    }
}

/// Ids of all members, by address in lower case.
async fn by_address(ctx: &Ctx) -> Result<HashMap<String, String>> {
    let docs = ctx.store().scan(Kind::Member, Some(""), Some("")).await?;
    let pair = |doc: &wigwag_store::Doc| doc.decode::<Member>().map(|member| (member.email.to_lowercase(), member.id));
    Ok(docs.iter().map(pair).collect::<std::result::Result<_, _>>()?)
}

/// The first column, each with the number of its line. A first line that is no address and speaks of mail is a
/// heading.
fn addresses(text: &str) -> Vec<(usize, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(first_column).enumerate().map(|(at, cell)| (at + 1, cell));
    let heading = |(line, cell): &(usize, String)| {
        *line == 1 && !cell.contains('@') && cell.to_lowercase().replace('-', "").contains("mail")
    };
    lines.filter(|line| !heading(line)).collect()
}

fn first_column(line: &str) -> String {
    let line = line.trim();
    let cell = match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => line.split([',', ';', '\t']).next().unwrap_or_default(),
    };
    cell.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn the_first_column_counts() {
        let text = "\u{feff}E-Mail,Name\r\na@x , A\n\"b@x\",\"B, b\"\n\nc@x;C";
        let found = addresses(text);
        let found: Vec<_> = found.iter().map(|(line, cell)| (*line, cell.as_str())).collect();
        assert_eq!(found, [(2, "a@x"), (3, "b@x"), (4, ""), (5, "c@x")]);
        assert_eq!(addresses("a@x").len(), 1);
    }
}
