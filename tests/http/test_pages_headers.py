"""Policies of the pages: of ours, of the frame in which diagrams are drawn, of files."""

from __future__ import annotations

from pathlib import Path

from thinkwell.http.pages import read_web_app


def _policies(folder: Path) -> dict[str, dict[str, str]]:
    (folder / "assets").mkdir()
    for name in ("index.html", "diagram.html", "assets/a.js"):
        (folder / name).write_text("x", "utf-8")
    return {name: file.headers for name, file in read_web_app(folder).files.items()}


def test_the_frame_of_a_diagram_reaches_no_network_and_is_shown_by_our_page_only(tmp_path: Path) -> None:
    policy = _policies(tmp_path)["diagram.html"]["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox allow-scripts" in policy
    assert "frame-ancestors 'self'" in policy
    assert "connect-src" not in policy and "img-src" not in policy and "allow-same-origin" not in policy


def test_the_page_itself_is_framed_by_nobody_and_frames_only_ours(tmp_path: Path) -> None:
    policies = _policies(tmp_path)
    policy = policies["index.html"]["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "frame-src 'self'" in policy
    assert "'unsafe-inline'" not in policy and "dompurify" not in policy
    assert "access-control-allow-origin" not in policies["index.html"]


def test_files_that_are_the_same_for_everybody_may_be_read_without_an_origin(tmp_path: Path) -> None:
    headers = _policies(tmp_path)["assets/a.js"]
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
