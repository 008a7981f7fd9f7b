"""Commands of a cluster that tests replace by shell scripts."""


def replace_commands(folder, monkeypatch, **scripts):
    """Write the scripts to a folder, which becomes the working folder and the first of PATH."""
    for name, text in scripts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return folder
