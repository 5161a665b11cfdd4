#include "build.h"

// A file of its own, so that another commit compiles these lines anew and nothing else.
const char *const clseq_build_commit = SOURCE_COMMIT;
