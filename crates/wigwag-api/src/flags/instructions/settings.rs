//! Settings that concern the flag everywhere.

use wigwag_kit::{Error, Result};
use wigwag_model::doc::{CustomProperty, Maintainer};

use super::{Instruction, Params, on_flag};
use crate::flags::facts::Facts;
use crate::flags::state::FlagState;

const PROPERTIES: &str = "updateFlagCustomProperties";
const CLIENT_SIDE: &str = "updateClientSideFlagAvailability";

pub(super) const ALL: &[Instruction] = &[
    on_flag("updateName", "updateName", |state, params, _| {
        params.text("value")?.clone_into(&mut state.flag.name);
        Ok(())
    }),
    on_flag("updateDescription", "updateDescription", |state, params, _| {
        params.text("value")?.clone_into(&mut state.flag.description);
        Ok(())
    }),
    on_flag("addTags", "updateTags", |state, params, _| {
        add_missing(&mut state.flag.tags, &params.texts("values")?);
        Ok(())
    }),
    on_flag("removeTags", "updateTags", |state, params, _| {
        let gone = params.texts("values")?;
        state.flag.tags.retain(|tag| !gone.contains(&tag.as_str()));
        Ok(())
    }),
    on_flag("makeFlagPermanent", "updateTemporary", |state, _, _| {
        state.flag.temporary = false;
        Ok(())
    }),
    on_flag("makeFlagTemporary", "updateTemporary", |state, _, _| {
        state.flag.temporary = true;
        Ok(())
    }),
    on_flag("updateMaintainerMember", "updateMaintainer", |state, params, facts| {
        state.flag.maintainer = Some(member("value", params.text("value")?, facts)?);
        Ok(())
    }),
    on_flag("updateMaintainerTeam", "updateMaintainer", |state, params, facts| {
        state.flag.maintainer = Some(team("value", params.text("value")?, facts)?);
        Ok(())
    }),
    on_flag("removeMaintainer", "updateMaintainer", |state, _, _| {
        state.flag.maintainer = None;
        Ok(())
    }),
    on_flag("turnOnClientSideAvailability", CLIENT_SIDE, |state, params, _| client_side(state, params, true)),
    on_flag("turnOffClientSideAvailability", CLIENT_SIDE, |state, params, _| client_side(state, params, false)),
    on_flag("addCustomProperties", PROPERTIES, add_property),
    on_flag("replaceCustomProperties", PROPERTIES, replace_property),
    on_flag("removeCustomProperties", PROPERTIES, remove_property),
];

/// A member who exists, as maintainer.
pub(crate) fn member(path: &str, id: &str, facts: &Facts<'_>) -> Result<Maintainer> {
    match facts.members.contains(id) {
        true => Ok(Maintainer::Member(id.to_owned())),
        false => Err(Error::field(path, format_args!("there is no member with the ID '{id}'"))),
    }
}

/// A team that exists, as maintainer.
pub(crate) fn team(path: &str, key: &str, facts: &Facts<'_>) -> Result<Maintainer> {
    match facts.teams.contains(key) {
        true => Ok(Maintainer::Team(key.to_owned())),
        false => Err(Error::field(path, format_args!("there is no team with the key '{key}'"))),
    }
}

fn client_side(state: &mut FlagState, params: Params<'_>, on: bool) -> Result<()> {
    let availability = &mut state.flag.client_side_availability;
    match params.text("value")? {
        "usingMobileKey" => availability.using_mobile_key = on,
        "usingEnvironmentId" => availability.using_environment_id = on,
        other => {
            let rule = format!("must be usingMobileKey or usingEnvironmentId, not '{other}'");
            return Err(Error::field("value", rule));
        }
    }
    Ok(())
}

fn add_property(state: &mut FlagState, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let (key, name, values) = (params.text("key")?, params.text("name")?, params.texts("values")?);
    let property = state.flag.custom_properties.entry(key.to_owned());
    let property = property.or_insert_with(|| CustomProperty { name: String::new(), value: Vec::new() });
    name.clone_into(&mut property.name);
    add_missing(&mut property.value, &values);
    Ok(())
}

/// `name` may be left out, as one published example does: then the old one stays.
fn replace_property(state: &mut FlagState, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let (key, values) = (params.text("key")?, params.texts("values")?);
    let old = state.flag.custom_properties.get(key);
    let name = match (params.optional_text("name")?, old) {
        (Some(name), _) => name,
        (None, Some(old)) => old.name.as_str(),
        (None, None) => return Err(Error::missing("name")),
    };
    let mut property = CustomProperty { name: name.to_owned(), value: Vec::new() };
    add_missing(&mut property.value, &values);
    state.flag.custom_properties.insert(key.to_owned(), property);
    Ok(())
}

/// A property that loses its last value goes with it.
fn remove_property(state: &mut FlagState, params: Params<'_>, _: &Facts<'_>) -> Result<()> {
    let (key, gone) = (params.text("key")?, params.texts("values")?);
    if let Some(property) = state.flag.custom_properties.get_mut(key) {
        property.value.retain(|value| !gone.contains(&value.as_str()));
        if property.value.is_empty() {
            state.flag.custom_properties.shift_remove(key);
        }
    }
    Ok(())
}

fn add_missing(list: &mut Vec<String>, values: &[&str]) {
    for value in values {
        if !list.iter().any(|old| old == value) {
            list.push((*value).to_owned());
        }
    }
}
