"""Results of a run as files for other programs: NIfTI, MHA, NRRD, transforms of ITK, MP4, GIF, CSV.

`export_format` checks what is asked for and loads nothing heavy. `cinecast.export.content.load_content` then reads it
from the run, and `cinecast.export.writing.write_export` writes it; both are not imported here, since libraries of four
formats come with them.
"""

from cinecast.export.choice import WHATS as WHATS
from cinecast.export.choice import ExportChoice as ExportChoice
from cinecast.export.formats import FORMATS as FORMATS
from cinecast.export.formats import export_format as export_format
