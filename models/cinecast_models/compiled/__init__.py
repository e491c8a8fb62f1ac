"""Inner loops in compiled code: what compiles and keeps them, loops over rows, and vectors of numbers."""

from cinecast_models.compiled.functions import add as add
from cinecast_models.compiled.functions import compiled as compiled
from cinecast_models.compiled.functions import compiled_loop as compiled_loop
from cinecast_models.compiled.functions import copy as copy
from cinecast_models.compiled.functions import dot as dot
