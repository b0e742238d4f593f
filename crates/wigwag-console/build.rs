//! Takes in what `npm run build` left in `web/dist`, so that the binary holds it. Without it the list is empty.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_default());
    let (dist, out) = (folder("CARGO_MANIFEST_DIR").join("../../web/dist"), folder("OUT_DIR"));
    println!("cargo::rerun-if-changed=build.rs");
    // The folder is always there: git keeps it.
    println!("cargo::rerun-if-changed={}", dist.display());
    // Copies are compiled in, so that the console can be built again while this crate is.
    let copies = out.join("dist");
    if copies.exists() {
        fs::remove_dir_all(&copies)?;
    }
    let mut found = Vec::new();
    if dist.join("index.html").exists() {
        take(&dist, &copies, "", &mut found)?;
    }
    found.sort();
    let mut text = String::from("&[\n");
    for (name, path) in found {
        let _infallible = writeln!(text, "    ({name:?}, include_bytes!({path:?})),");
    }
    text.push(']');
    fs::write(out.join("files.rs"), text)
}

/// Copies a folder and lists its files by name, without those that are hidden.
fn take(from: &Path, to: &Path, prefix: &str, found: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let copy = to.join(&name);
        if path.is_dir() {
            take(&path, &copy, &format!("{prefix}{name}/"), found)?;
        } else {
            fs::copy(&path, &copy)?;
            found.push((format!("{prefix}{name}"), copy));
        }
    }
    Ok(())
}
