/** Checkpoint folders in the form of the hub: tokenizers, configurations, adapters, chat templates. */
module dev.credence.hub {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires transitive dev.credence.torch;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires ai.djl.api;
    requires ai.djl.tokenizers;
    requires com.google.gson; // of the tokenizers' library, which does not say so
    requires org.slf4j; // the same

    exports dev.credence.hub;
    exports dev.credence.hub.chat to
            dev.credence.lab;
}
