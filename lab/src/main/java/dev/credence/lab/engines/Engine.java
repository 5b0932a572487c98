package dev.credence.lab.engines;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.audits.AuditSource;
import dev.credence.lab.audits.FollowedAudit;
import dev.credence.lab.audits.FollowedFolder;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.experiments.CellRunner;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Machines that share work out. An engine is a module of its own beside the program, found by {@link ServiceLoader}; without one
 * everything is run here. Figures are the same wherever they are computed.
 */
public interface Engine {
    /** The name of what needs no engine: this process. */
    String LOCAL = "local";

    /** {@return the name by which it is asked for} */
    String name();

    /**
     * Starts it, or joins one that runs.
     *
     * @param master where its machines are, in the engine's own words; null for what its settings say, or else this machine
     * @return the session
     * @throws InputException if there is no such place
     */
    Session open(@Nullable String master);

    /**
     * A folder that is to be followed.
     *
     * @param folder as the engine reaches it
     * @param pace how often it is looked at
     */
    record Followed(String folder, FollowedAudit.Pace pace) {}

    /** An engine that runs. */
    interface Session extends AutoCloseable {
        /**
         * An audit of a log that its machines read.
         *
         * @param files names, patterns or folders, as the engine reaches them
         * @param reading how they are read
         * @param everyPrompt whether every prompt's figures are asked for, which come to this process, rather than those of no more
         *     prompts a step than an audit holds ({@link dev.credence.core.audit.OmittedPrompts#MOST})
         * @param warnings takes what a reader of the figures must know, a line each
         * @return not begun yet
         */
        AuditSource audit(List<String> files, LogReading reading, boolean everyPrompt, Consumer<String> warnings);

        /**
         * A folder whose new files the engine finds, reads and audits on its machines.
         *
         * @param followed which, and how
         * @return not begun yet; the caller closes it
         * @throws IOException if it cannot be reached
         */
        FollowedFolder follow(Followed followed) throws IOException;

        /** {@return what runs a sweep's cells on its machines} */
        CellRunner cells();

        /** {@return how many pieces of work run at a time} */
        int parallelism();

        /** {@return what a provenance says of it, by setting} */
        Map<String, String> described();

        @Override
        void close();
    }

    /**
     * The engine of a name.
     *
     * @param name which
     * @return the engine
     * @throws InputException if there is none of that name on the class path
     */
    static Engine of(String name) {
        for (Engine engine : ServiceLoader.load(Engine.class)) {
            if (engine.name().equals(name)) {
                return engine;
            }
        }
        throw InputException.ofSetting(
                "engine",
                name,
                name.equals("spark")
                        ? "the module spark is not on the class path; ./credence in the source tree builds it and starts with it"
                        : "it is local or spark");
    }
}
