"""LibreOffice as the tests of this folder use it: without a window, with a profile of its own."""

import subprocess


def convert(paths, ending, to, profile):
    """Saves files as another kind in a folder; `profile`: a folder that is thrown away."""
    command = ["soffice", f"-env:UserInstallation=file://{profile}/profile", "--headless"]
    command += ["--convert-to", ending, "--outdir", to, *paths]
    subprocess.run(command, capture_output=True, check=True)
