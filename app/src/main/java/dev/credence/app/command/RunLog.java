package dev.credence.app.command;

import dev.credence.app.options.RunFolder;
import dev.credence.lab.audits.ModelAudit;
import dev.credence.lab.rollouts.RolloutRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The log of a drawn run, in its folder below {@code runs/}: a new one, or that of the same run where it was broken off. */
final class RunLog implements ModelAudit.Place {
    private static final String LOG = "rollouts.parquet";

    private final @Nullable String name;
    private final String otherwise;
    private Path folder = RunFolder.RUNS;

    /**
     * Decides nothing yet.
     *
     * @param name of the run as the user gave it, or null
     * @param otherwise the name to number where there is such a run already
     */
    RunLog(@Nullable String name, String otherwise) {
        this.name = name;
        this.otherwise = otherwise;
    }

    @Override
    public Path of(RolloutRun run) throws IOException {
        folder = RunFolder.make(name, otherwise, found -> isUnfinished(found.resolve(LOG), run));
        return folder.resolve(LOG);
    }

    private static boolean isUnfinished(Path log, RolloutRun run) throws IOException {
        return !Files.exists(log) && run.continues(log);
    }

    /** The log in the folder that was decided on. */
    Path log() {
        return beside(LOG);
    }

    /** Another file of the folder that was decided on. */
    Path beside(String file) {
        return folder.resolve(file);
    }
}
