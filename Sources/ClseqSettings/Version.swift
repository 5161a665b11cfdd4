/// The version of clseq that goes into passports, by semantic versioning.
public let clseqVersion = "0.1.0"
