package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.engines.Engine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the work is done: in this process, or shared out by an engine. */
public final class EngineOptions {
    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = Engine.LOCAL,
            description = "local: this process; spark: Apache Spark, for more than one machine holds (docs/scale.md)"
                    + " (default: local).")
    private String engine = Engine.LOCAL;

    @Option(
            names = "--master",
            paramLabel = "MASTER",
            description = "Where Spark runs: local[N], spark://HOST:PORT, yarn or k8s://URL (default: what spark-submit"
                    + " says, or local[*]).")
    private @Nullable String master;

    /** For the parser, which fills the fields. */
    public EngineOptions() {}

    /** {@return whether it is this process; what an engine alone takes is refused then} */
    public boolean isLocal() {
        boolean local = engine.equals(Engine.LOCAL);
        if (local && master != null) {
            throw InputException.ofSetting("master", master, "it says where Spark runs: --engine spark");
        }
        return local;
    }

    /** {@return the engine, started; the caller closes it} */
    public Engine.Session open() {
        return Engine.of(engine).open(master);
    }

    /**
     * Refuses what only this process does.
     *
     * @param what in words
     */
    public void refuse(String what) {
        if (!isLocal()) {
            throw InputException.ofSetting("engine", engine, what + " is done by the local engine alone");
        }
    }
}
