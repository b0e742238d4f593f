"""Prints the latencies that the SDK suite measured."""

from statistics import median


def pytest_terminal_summary(terminalreporter):
    found = []
    for report in terminalreporter.getreports("passed"):
        found += [value for name, value in report.user_properties if name == "latency"]
    if not found:
        return
    terminalreporter.section("from the answer to a PATCH to the SDK's changed evaluation")
    for latency in sorted(found, key=lambda f: f["lane"]):
        ms = latency["ms"]
        line = f"{latency['lane']:18} median {median(ms):6.1f} ms   least {min(ms):6.1f}   most {max(ms):6.1f}   of {len(ms)}"
        terminalreporter.write_line(line)
