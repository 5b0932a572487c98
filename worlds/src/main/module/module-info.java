/** Bayesian networks and tables whose conditionals are known. */
module dev.credence.worlds {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.yaml;
    requires org.yaml.snakeyaml;

    exports dev.credence.worlds;
}
