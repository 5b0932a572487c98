package dev.credence.methods.training;

import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.OptionalInt;

/**
 * How texts that a method keeps are imitated.
 *
 * @param train whether on a table too by steps on drawn texts, instead of the limit of imitation
 * @param pool texts of each prompt drawn when a round begins; empty for as many as its steps take
 * @param schedule how long and how fast
 */
public record ImitationSettings(
        @Setting(help = "on a table too by steps on drawn texts, instead of the limit of imitation")
        boolean train,

        @Setting(
                help = "texts of each prompt drawn when a round begins; without it as many as its steps take",
                unit = "texts",
                range = Range.COUNT)
        OptionalInt pool,

        Schedule schedule) {
    /** The limit on a table; on a model as many texts as the steps take. */
    public static final ImitationSettings STANDARD =
            new ImitationSettings(false, OptionalInt.empty(), Schedule.STANDARD);

    /**
     * Checks the settings.
     *
     * @param train any
     * @param pool at least 1
     * @param schedule any
     */
    public ImitationSettings {
        Settings.check(ImitationSettings.class, train, pool, schedule);
    }
}
