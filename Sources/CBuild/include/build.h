#pragma once

/// The commit that the program was built from, or an empty text where the build was not told.
extern const char *const clseq_build_commit;
