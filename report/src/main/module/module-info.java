/** Findings as HTML. */
module dev.credence.report {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;

    exports dev.credence.report;
}
