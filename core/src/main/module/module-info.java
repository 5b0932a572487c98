/** What every library of Credence is made of: probability, evidence, posteriors, audits, provenance. */
module dev.credence.core {
    requires static org.jspecify;
    requires java.net.http;
    requires hipparchus.core;

    exports dev.credence.core.audit;
    exports dev.credence.core.automaton;
    exports dev.credence.core.diagnostics;
    exports dev.credence.core.evidence;
    exports dev.credence.core.figures;
    exports dev.credence.core.model;
    exports dev.credence.core.posterior;
    exports dev.credence.core.probability;
    exports dev.credence.core.provenance;
    exports dev.credence.core.training;
    exports dev.credence.core.natives to
            dev.credence.torch,
            dev.credence.hub,
            dev.credence.data;
}
