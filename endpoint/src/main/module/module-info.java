/** Servers as predictive models. */
module dev.credence.endpoint {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires java.net.http;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;

    exports dev.credence.endpoint;
}
