package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.audits.FollowedAudit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A folder that is audited while a trainer writes into it. */
public final class FollowOptions {
    @Option(
            names = "--follow",
            paramLabel = "DIR",
            description =
                    "Watch a trainer's dumps: each step is audited once its files lie still, thresholds end it at the"
                            + " first step that does not keep them. Kept in runs/NAME (--run; default follow-DIR); the same"
                            + " command goes on.")
    private @Nullable String folder;

    @Option(
            names = "--settled",
            paramLabel = "SECONDS",
            description = "For how long a file must not have changed before it is read (default: 5).")
    private double settled = Double.NaN;

    @Option(
            names = "--idle",
            paramLabel = "SECONDS",
            description = "End when nothing has changed for so long (default: follow until interrupted).")
    private double idle = Double.NaN;

    /** For the parser, which fills the fields. */
    public FollowOptions() {}

    /** {@return the folder, or null where none is followed} */
    public @Nullable String folder() {
        if (folder == null) {
            require(Double.isNaN(settled), "settled", settled, "it is for a folder that is followed");
            require(Double.isNaN(idle), "idle", idle, "it is for a folder that is followed");
            return null;
        }
        return folder;
    }

    /** Refuses what a folder that an engine watches has no use for: it takes a file once, when it appears. */
    public void refuseSettled() {
        require(
                Double.isNaN(settled),
                "settled",
                settled,
                "an engine takes a file once, as soon as it is there: put it there whole, by renaming it");
    }

    /** {@return how long to wait} */
    public FollowedAudit.Pace pace() {
        double still = Double.isNaN(settled) ? 5 : settled;
        double end = Double.isNaN(idle) ? 0 : idle;
        require(still >= 0 && still < 1e9, "settled", settled, "it is a number of seconds, 0 or larger");
        require(Double.isNaN(idle) || (idle > 0 && idle < 1e9), "idle", idle, "it is a number of seconds above 0");
        require(
                end == 0 || end > still,
                "idle",
                idle,
                "it is longer than a file must lie still, " + still + " seconds");
        Duration look = seconds(Math.max(0.05, Math.min(2, still / 4)));
        return new FollowedAudit.Pace(look, seconds(still), seconds(end));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(1000 * seconds));
    }

    private static void require(boolean holds, String setting, double value, String rule) {
        if (!holds) {
            throw InputException.ofSetting(setting, Double.toString(value), rule);
        }
    }
}
