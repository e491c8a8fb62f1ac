"""Results of a run as files that other programs open: NIfTI, MHA, MP4 and GIF."""

from cinecast.export.content import WHATS, Content, ExportChoice, load_content
from cinecast.export.formats import FORMATS, export_format, write_export

__all__ = ["FORMATS", "WHATS", "Content", "ExportChoice", "export_format", "load_content", "write_export"]
