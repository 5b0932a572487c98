package dev.credence.lab.inputs;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.NamedReward;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.OtherForms;
import dev.credence.worlds.TableWorld;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A world as a user names it: a file, or one that ships with Credence.
 *
 * @param world the world
 * @param input its name and hash
 */
public record WorldInput(TableWorld world, Provenance.Input input) {
    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".csv");
    private static final Pattern PRIOR_KEY = Pattern.compile("\"(prior|variables)\"\\s*:");
    private static final int PEEKED = 8192;

    /**
     * Whether an argument stands for a world rather than a log.
     *
     * @param argument a file's name, or one that ships with Credence
     * @return by its ending, or, of JSON, by what it holds
     */
    public static boolean isWorld(String argument) {
        String name = argument.toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith)
                || isBuiltIn(argument)
                || (name.endsWith(".json") && hasPrior(Path.of(argument)));
    }

    /** JSON is YAML too, but JSON Lines are sometimes called so: a world has a prior, a log only mentions one. */
    private static boolean hasPrior(Path file) {
        return PRIOR_KEY.matcher(beginning(file.toString())).find();
    }

    static boolean isBuiltIn(String argument) {
        return TableWorlds.builtIn().contains(argument)
                && !Files.isRegularFile(Path.of(argument)); // a folder is no world
    }

    /**
     * Reads a world.
     *
     * @param argument a file's name, or one that ships with Credence
     * @return the world
     * @throws InputException if there is none, or it breaks a rule
     */
    public static WorldInput read(String argument) {
        if (isBuiltIn(argument)) {
            Provenance.Input input = Inputs.of("builtin:" + argument, TableWorlds.builtInText(argument));
            return new WorldInput(TableWorlds.builtIn(argument, NetworkInput.REWARDS), input);
        }
        Path file = file(argument);
        return new WorldInput(TableWorlds.read(file, NetworkInput.REWARDS), Inputs.of(file));
    }

    /**
     * Refuses rollouts, which are no world: as such, not as a broken one.
     *
     * @param argument a file's name
     * @throws InputException if it is a log
     */
    public static void refuseLog(String argument) {
        String name = argument.toLowerCase(Locale.ROOT);
        boolean isPacked = name.endsWith(".parquet") || name.endsWith(".gz") || name.endsWith(".zst");
        if (isHeaderOfLog(argument)) {
            throw new InputException(
                    argument, 1, "", "a CSV of rollouts", "a world's has the column outcome; " + OtherForms.ofCsv());
        }
        if (isPacked || name.endsWith(".jsonl") || name.endsWith(".ndjson") || isLines(argument)) {
            throw new InputException(
                    argument, 0, "", "a log of rollouts", "a world is YAML or CSV with a prior; a log is for `audit`");
        }
    }

    private static boolean isHeaderOfLog(String argument) {
        return argument.toLowerCase(Locale.ROOT).endsWith(".csv")
                && beginning(argument)
                        .lines()
                        .findFirst()
                        .map(OtherForms::isHeader)
                        .orElse(false);
    }

    /** Whether a file begins with a JSON object of one line that has no prior: JSON Lines under another name. */
    private static boolean isLines(String argument) {
        Path file = Path.of(argument);
        if (!Files.isRegularFile(file) || hasPrior(file)) {
            return false;
        }
        String start = beginning(argument).stripLeading();
        return start.startsWith("{\"") && start.contains("\"completion\"");
    }

    private static String beginning(String argument) {
        Path file = Path.of(argument);
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(PEEKED), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A world's file, which must be there. */
    static Path file(String argument) {
        Path file = Path.of(argument);
        if (!Files.exists(file)) {
            String meant = NearestName.of(argument, TableWorlds.builtIn());
            String rule = (meant == null ? "" : "did you mean '" + meant + "'? ")
                    + "a world is a file (YAML or CSV) or one that ships with Credence: "
                    + String.join(", ", TableWorlds.builtIn());
            throw new InputException(argument, 0, "", "no such world", rule);
        }
        refuseLog(argument);
        return file;
    }

    /**
     * A reward of the world: by name, as {@code table:NAME}, or computed from the outcomes' texts; the last two may be given
     * a name.
     *
     * @param setting the setting it came from
     * @param typed as the user typed it, or null for the only one
     * @return the reward and its name
     * @throws InputException if the world has none such
     */
    public NamedReward reward(String setting, @Nullable String typed) {
        if (typed == null) {
            String only = RewardName.only(world.rewardNames());
            return new NamedReward(only, world.reward(only));
        }
        if (world.rewardNames().contains(typed)) {
            return new NamedReward(typed, named(setting, typed));
        }
        RewardName asked = RewardName.of(typed);
        if (asked.isNamed() && world.rewardNames().contains(asked.name())) {
            throw InputException.ofSetting(
                    setting, typed, "the world has a reward of the name " + asked.name() + "; choose another");
        }
        String text = asked.text();
        boolean table = text.startsWith("table:");
        String own = table ? text.substring("table:".length()) : text;
        if (!table && asked.isExpression() && !world.rewardNames().contains(own)) {
            RewardExpression expression = InputException.reading(setting, () -> RewardExpression.parse(text));
            return new NamedReward(asked.name(), ofTexts(setting, typed, expression));
        }
        return new NamedReward(asked.isNamed() ? asked.name() : own, named(setting, own));
    }

    /** A reward that reads no more than texts, which is all that outcomes are. */
    private static RewardExpression ofTexts(String setting, String typed, RewardExpression expression) {
        if (expression.readsTokens()) {
            throw InputException.ofSetting(
                    setting,
                    typed,
                    "length counts tokens, and a world's outcomes are texts without tokens: count:. counts characters");
        }
        if (!expression.fields().isEmpty()) {
            throw InputException.ofSetting(setting, typed, "a world's own rewards are named without field:");
        }
        return expression;
    }

    private RewardFunction named(String setting, String name) {
        try {
            return world.reward(name);
        } catch (InputException e) {
            throw InputException.ofSetting(setting, name, e.rule());
        }
    }
}
