"""What happens to a connected SDK: changes, then restarts.

A step is a generator: what comes before its `yield` is done to the server, what comes after must
then be seen by the SDK. A streaming SDK sees each step on its own. A polling SDK asks only every
30 s, so all steps of a stage are done together and seen after one poll.
"""

import time

import flags


def prepare(lane):
    """The flags of the story, before the SDK connects."""
    for key in ["updated", "latency", "ruled", "deleted", "reborn", "archived", "killed", "stopped"]:
        lane.make.create(f"story-{key}", ["new", "old"])
    for key in ["ruled", "deleted", "reborn", "archived"]:
        lane.make.on(f"story-{key}", 0)
    lane.make.create("story-reported", ["new", "old"])
    lane.make.on("story-reported", 0, lane.make.rule("story-reported", 1, flags.clause("team", "in", ["red"])))


def play(lane, step, stage):
    """Does a step, or its stage, and looks whether the SDK has seen it."""
    if lane.streaming:
        begun = _begin(step, lane)
    else:
        if stage not in lane.begun:
            lane.begun[stage] = {each: _begin(each, lane) for each in STAGES[stage]}
        begun = lane.begun[stage][step]
    if isinstance(begun, Exception):
        raise begun
    for _ in begun:
        raise AssertionError("a step has one yield")


def _begin(step, lane):
    """The step after its change, or what went wrong in it: the fault of this step alone."""
    begun = step(lane)
    try:
        next(begun)
    except Exception as error:
        return error
    return begun


def timed_patch(lane, kind):
    """Changes the flag that is being watched: milliseconds from the PATCH's answer to the SDK's
    changed evaluation; below zero when the SDK was quicker than the answer."""
    lane.make.change("story-latency", {"kind": kind})
    accepted = time.time() * 1000
    return lane.seen()["atMs"] - accepted


def flag_turned_on(lane):
    lane.make.change("story-updated", {"kind": "turnFlagOn"})
    yield
    assert lane.sees("story-updated", value="new")["reason"] == {"kind": "FALLTHROUGH"}


def rule_added(lane):
    rule = lane.make.rule("story-ruled", 1, flags.clause("team", "in", ["red"]))
    flag = lane.make.change("story-ruled", rule)
    rule_id = flag["environments"][flags.ENVIRONMENT]["rules"][0]["_id"]
    yield
    seen = lane.sees("story-ruled", flags.user("u", team="red"), value="old")
    assert seen["reason"] == {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": rule_id}
    assert lane.evaluate("story-ruled")["value"] == "new"


def flag_created(lane):
    lane.make.create("story-born", [1, 2, 3])
    lane.make.on("story-born", 2)
    yield
    lane.sees("story-born", value=3, variation=2)


def flag_archived(lane):
    lane.make.change("story-archived", {"kind": "archiveFlag"})
    yield
    lane.sees_no("story-archived")


def flag_deleted(lane):
    for key in ["story-deleted", "story-reborn"]:
        lane.rest.delete_flag(flags.PROJECT, key)
    yield
    for key in ["story-deleted", "story-reborn"]:
        lane.sees_no(key)
    assert "story-deleted" not in lane.driver("all-flags", context=flags.ANYONE)["state"]


def flag_recreated(lane):
    """On the key of a deleted flag, whose version a streaming SDK remembers: this one's is higher."""
    lane.make.create("story-reborn", ["second life", "off"])
    lane.make.on("story-reborn", 0)
    yield
    lane.sees("story-reborn", value="second life", variation=0)


def server_killed(lane):
    """Killed and started again on the same data and port: nothing is lost, later changes arrive."""
    before = lane.settled_data()
    lane.server.kill()
    # Without a server the SDK goes on with what it has.
    assert lane.evaluate("greeting")["value"] == "bonjour"
    lane.server.start()
    assert lane.sdk_data() == before
    lane.make.change("story-killed", {"kind": "turnFlagOn"})
    yield
    lane.sees("story-killed", value="new")
    assert lane.evaluate("greeting")["value"] == "bonjour"
    assert lane.evaluate("story-deleted")["reason"]["errorKind"] == "FLAG_NOT_FOUND"


def server_stopped(lane):
    """Asked to stop, it ends the streams and itself; started again, all is there."""
    before = lane.settled_data()
    assert lane.server.stop() == 0
    lane.server.start()
    assert lane.sdk_data() == before
    lane.make.change("story-stopped", {"kind": "turnFlagOn"})
    yield
    lane.sees("story-stopped", value="new")


STAGES = [
    [flag_turned_on, rule_added, flag_created, flag_archived, flag_deleted],
    # First the key is used again: over a connection that has seen the flag deleted.
    [flag_recreated, server_killed, server_stopped],
]
