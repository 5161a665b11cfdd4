// Put before every source.
