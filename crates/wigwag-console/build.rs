//! Lists what `npm run build` left in `web/dist`, so that the binary holds it. Without it the list is empty.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    // The folder is always there: git keeps it.
    println!("cargo::rerun-if-changed={}", root.display());
    let mut found = Vec::new();
    if root.join("index.html").exists() {
        collect(&root.canonicalize()?, "", &mut found)?;
    }
    found.sort();
    let mut text = String::from("&[\n");
    for (name, path) in found {
        let _infallible = writeln!(text, "    ({name:?}, include_bytes!({path:?})),");
    }
    text.push(']');
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("files.rs"), text)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), found)?;
        } else {
            found.push((format!("{prefix}{name}"), path.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}
