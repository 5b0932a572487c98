package dev.credence.bench.coverage;

import dev.credence.bench.coverage.VerdictCase.Fault;
import dev.credence.bench.coverage.World.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** The ways in which the adversarial suite misleads an audit. */
enum VerdictKind {
    /** A departure in rare texts of a large reward. */
    RARE_TEXTS("no conditional: in rare texts"),
    /** A departure in one prompt of eight. */
    ONE_PROMPT("no conditional: in one prompt"),
    /** A departure among the texts of the highest level. */
    ONE_LEVEL("no conditional: in one level"),
    /** A dropped family that hardly a record can show, the reward's range stated. */
    UNSEEN_FAMILY("no conditional: below 3/N dropped, range stated"),
    /** The same of a reward beyond all that is seen: no log shows it, and only "conditional" would be too bold. */
    UNSEEN_REWARD("no conditional: below 3/N, reward beyond all seen"),
    /** A dropped family that a few records show. */
    SEEN_FAMILY("no conditional: a family above 10/N dropped"),
    /** A departure that is as often up as down. */
    CANCELLING("no conditional: cancels in the mean"),
    /** Noise at equal reward. */
    NOISE("no conditional: noise at equal reward"),
    /** A sharpened tilt. */
    SHARPENED("no conditional: sharpened"),
    /** A move without any gain of reward. */
    NO_GAIN("no conditional: no gain of reward"),
    /** A tilt by another reward that goes with this one. */
    ANOTHER("no conditional: another reward's"),
    /** The middle level raised alone. */
    MIDDLE("no conditional: the middle level alone"),
    /** A tilt by another reward that goes with this one nearly always. */
    NEARLY_THIS("no conditional: another reward's, correlation .9"),
    /** A strong tilt by another reward that goes with this one all but always. */
    ALL_BUT_THIS("no conditional: correlation .99 with another reward"),
    /** A few texts that the policy alone writes: below 3/N no log shows them, and only "conditional" would be too bold. */
    POLICY_ALONE("no conditional: below 3/N, the policy alone writes it"),
    /** A conditional that also likes longer texts. */
    LENGTH("no conditional: longer texts"),
    /** Half the texts of one conditional, half of another. */
    MIXED("no conditional: two conditionals mixed"),
    /** A departure in one prompt of thirty. */
    ONE_OF_THIRTY("no conditional: in one prompt of thirty"),
    /** A conditional of the other sign in one prompt of eight. */
    ONE_OPPOSITE("no conditional: the wrong sign in one prompt"),
    /** The best of 2 to 8 draws. */
    BEST_OF("no conditional: best of n"),
    /** A conditional whose target is rare. */
    RARE_TARGET("conditional: rare target"),
    /** A conditional of exponential rewards. */
    HEAVY("conditional: heavy rewards"),
    /** A conditional with 5 to 30 records a source. */
    FEW("conditional: few records"),
    /** A conditional whose reward is constant for half of the prompts. */
    TIES("conditional: ties"),
    /** A conditional with scoring noise. */
    SCORING_NOISE("conditional: scoring noise .01"),
    /** A conditional whose reward was recorded with noise of its own in each record. */
    REWARD_NOISE("conditional: noise in the rewards"),
    /** Twenty to eighty copies. */
    STRONG("conditional: strong tilt"),
    /** Forty prompts with ten records a source. */
    THIN("conditional: 40 thin prompts"),
    /** A hardly moved conditional. */
    TINY("conditional: tiny move"),
    /** A conditional of the other sign. */
    WRONG_SIGN("opposite: wrong sign"),
    /** The prior itself, up to rounding. */
    NO_UPDATE("no update"),
    /** Sources swapped. */
    SWAPPED("cannot be: labels swapped"),
    /** Drawn at another temperature. */
    TEMPERATURE("cannot be: another temperature"),
    /** Drawn at a temperature of .97, of which few logs show anything. */
    LUKEWARM("cannot be: temperature .97"),
    /** The texts beyond a length left out. */
    LONG_LEFT_OUT("cannot be: long texts left out"),
    /** Drawn from the top k. */
    TOP_K("cannot be: top-k"),
    /** Means for sums. */
    MEANS("cannot be: means for sums, policy or both"),
    /** One record in twenty has the other source's name. */
    MISLABELLED("cannot be: 5 % of the sources mislabelled"),
    /** Every draw of the policy written twice. */
    REPEATED("cannot be: draws of the policy repeated"),
    /** Draws of the policy taken up from those before. */
    REDRAWN("cannot be: policy draws taken up again"),
    /** Advantages for rewards. */
    BASELINE("cannot be: rewards less a running mean"),
    /** The end token is missing in the policy's sums. */
    NO_END("cannot be: the policy's end token left out"),
    /** Thinned draws that were kept more rarely where the reward is largest than is written down. */
    KEPT_OFF("cannot be: kept more rarely than written");

    private final String title;

    VerdictKind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether the records cannot show the fault, whoever reads them: then "mostly" is as good as it gets. */
    boolean isBeyondRecords() {
        return this == UNSEEN_REWARD || this == POLICY_ALONE;
    }

    /** A case of this kind. */
    VerdictCase draw(RandomGenerator random) {
        double copies = Draws.uniform(random, 1, 3);
        int records = (int) Draws.logUniform(random, 100, 1_000);
        Supplier<VerdictWorlds> world = () ->
                random.nextBoolean() ? texts(random).levels(3) : texts(random).normal();
        Supplier<VerdictWorlds> levels = () -> texts(random).levels(3);
        return switch (this) {
            case RARE_TEXTS -> {
                double mass = Draws.logUniform(random, 10, 30) / records;
                yield sound(
                        random,
                        records,
                        copies,
                        () -> levels.get().family(mass, 3).tilt(copies).drop(8));
            }
            case UNSEEN_FAMILY ->
                family(random, records, copies, Draws.logUniform(random, 0.1, 3))
                        .withRange();
            case UNSEEN_REWARD -> family(random, records, copies, Draws.logUniform(random, 0.1, 3));
            case SEEN_FAMILY -> family(random, records, copies, Draws.logUniform(random, 10, 30));
            case ONE_PROMPT -> onePrompt(records, copies, world);
            case ONE_LEVEL ->
                sound(random, records, copies, () -> levels.get().tilt(copies).noiseFrom(1, 2.5));
            case CANCELLING ->
                sound(random, records, copies, () -> world.get().tilt(copies).cancelling(1.5));
            case NOISE ->
                sound(random, records, copies, () -> levels.get().tilt(copies).noise(1.5));
            case SHARPENED ->
                sound(random, records, copies, () -> world.get().tilt(copies).sharpen(0.5));
            case NO_GAIN ->
                sound(random, records, copies, () -> world.get().noise(0.7).withoutGain());
            case ANOTHER ->
                sound(random, records, copies, () -> texts(random).normal().tiltByAnother(1, 0.5));
            case MIDDLE -> sound(random, records, copies, () -> levels.get().bonus(0.5, 2 * copies));
            case NEARLY_THIS ->
                sound(random, records, copies, () -> texts(random).normal().tiltByAnother(copies, 0.9));
            case ALL_BUT_THIS -> {
                double strong = Draws.uniform(random, 2, 12);
                yield sound(
                        random, records, strong, () -> texts(random).normal().tiltByAnother(strong, 0.99));
            }
            case POLICY_ALONE -> {
                double mass = Draws.logUniform(random, 0.1, 3) / records;
                yield sound(
                        random, records, copies, () -> world.get().tilt(copies).alone(mass));
            }
            case LENGTH ->
                sound(
                        random,
                        records,
                        copies,
                        () -> world.get().tilt(copies).longer(Draws.uniform(random, 0.02, 0.15)));
            case MIXED -> sound(random, records, copies, () -> world.get().mixed(0.3 * copies, 3 * copies));
            case ONE_OF_THIRTY -> {
                List<Table> tables =
                        new ArrayList<>(tables(29, () -> world.get().tilt(copies)));
                tables.add(world.get().tilt(copies).noise(4).table());
                yield VerdictCase.sound(tables, records / 2, copies);
            }
            case ONE_OPPOSITE -> {
                List<Table> tables = new ArrayList<>(tables(7, () -> world.get().tilt(copies)));
                tables.add(world.get().tilt(-copies).table());
                yield VerdictCase.sound(tables, records, copies);
            }
            case BEST_OF -> {
                int draws = 2 + random.nextInt(7);
                yield VerdictCase.sound(
                        tables(Draws.oneOf(random, 1, 1, 2, 4, 8), world).stream()
                                .map(table -> new Table(
                                        table.prior(),
                                        WorldDrawer.bestOf(table.prior(), table.reward(), draws),
                                        table.reward()))
                                .toList(),
                        records,
                        draws - 1);
            }
            case RARE_TARGET -> {
                double mass = Draws.logUniform(random, 5e-4, 0.05);
                double much = Math.log(Draws.logUniform(random, 10, 1_000) / mass);
                yield sound(
                        random,
                        200,
                        much,
                        () -> texts(random).constant(0).family(mass, 1).tilt(much));
            }
            case HEAVY -> {
                double heavy = Draws.uniform(random, 0.4, 0.8);
                yield sound(
                        random,
                        records,
                        heavy,
                        () -> VerdictWorlds.of(5_000, random).exponential().tilt(heavy));
            }
            case FEW ->
                sound(random, 5 + random.nextInt(26), copies, () -> world.get().tilt(copies));
            case TIES -> ties(random, records, copies);
            case SCORING_NOISE ->
                sound(random, records, copies, () -> world.get().tilt(copies)).with(Fault.NOISE);
            case REWARD_NOISE ->
                sound(random, records, copies, () -> world.get().tilt(copies)).with(Fault.REWARD_NOISE);
            case STRONG -> {
                double strong = Draws.uniform(random, 20, 50);
                yield sound(random, records, strong, () -> levels.get().tilt(strong));
            }
            case THIN -> VerdictCase.sound(tables(40, () -> world.get().tilt(copies)), 10, copies);
            case TINY -> {
                double tiny = Draws.logUniform(random, 0.01, 0.1);
                yield sound(random, records, tiny, () -> world.get().tilt(tiny));
            }
            case WRONG_SIGN -> sound(random, records, copies, () -> world.get().tilt(-copies));
            case NO_UPDATE -> {
                double rounding = Draws.logUniform(random, 1e-8, 1e-3);
                yield sound(random, records, copies, () -> world.get().noise(rounding));
            }
            case SWAPPED -> anyPolicy(random, records, copies, world).with(Fault.SWAPPED);
            case TEMPERATURE -> {
                double temperature = random.nextBoolean() ? 0.7 : 1.4;
                yield anyPolicy(random, records, copies, world).drawnFrom(t -> VerdictWorlds.heated(t, temperature));
            }
            case LUKEWARM -> anyPolicy(random, records, copies, world).drawnFrom(t -> VerdictWorlds.heated(t, 0.97));
            case LONG_LEFT_OUT -> {
                int longest = VerdictCase.tokens(14 + random.nextInt(12));
                yield anyPolicy(random, records, copies, world).drawnFrom(t -> VerdictWorlds.shortened(t, longest));
            }
            case TOP_K -> {
                double kept = Draws.uniform(random, 0.1, 0.4);
                yield anyPolicy(random, records, copies, world).drawnFrom(t -> VerdictWorlds.truncated(t, kept));
            }
            case MEANS ->
                anyPolicy(random, records, copies, world).with(random.nextBoolean() ? Fault.MEANS : Fault.POLICY_MEANS);
            case MISLABELLED -> anyPolicy(random, records, copies, world).with(Fault.MISLABELLED);
            case REPEATED -> anyPolicy(random, records, copies, world).with(Fault.REPEATED);
            case REDRAWN -> anyPolicy(random, records, copies, world).with(Fault.REDRAWN);
            case BASELINE -> anyPolicy(random, records, copies, world).with(Fault.BASELINE);
            case NO_END -> anyPolicy(random, records, copies, world).with(Fault.NO_END);
            case KEPT_OFF -> anyPolicy(random, records, copies, levels).with(Fault.KEPT_OFF);
        };
    }

    private static VerdictWorlds texts(RandomGenerator random) {
        return VerdictWorlds.of((int) Draws.logUniform(random, 40, 2_000), random);
    }

    private static List<Table> tables(int prompts, Supplier<VerdictWorlds> world) {
        return IntStream.range(0, prompts).mapToObj(c -> world.get().table()).toList();
    }

    private static VerdictCase sound(RandomGenerator random, int records, double asked, Supplier<VerdictWorlds> world) {
        return VerdictCase.sound(tables(Draws.oneOf(random, 1, 1, 2, 4, 8), world), records, asked);
    }

    /** A family of so many expected prior records, which weighs .5 to 5 times the rest under the conditional. */
    private static VerdictCase family(RandomGenerator random, int records, double copies, double expected) {
        double mass = Math.min(0.05, expected / records);
        double weight = Math.log(Draws.logUniform(random, 0.5, 5) / mass) / copies + 0.5;
        return VerdictCase.sound(
                tables(
                        1,
                        () -> texts(random)
                                .levels(3)
                                .family(mass, weight)
                                .tilt(copies)
                                .drop(14)),
                records,
                copies);
    }

    private static VerdictCase onePrompt(int records, double copies, Supplier<VerdictWorlds> world) {
        List<Table> tables = new ArrayList<>(tables(7, () -> world.get().tilt(copies)));
        tables.add(world.get().tilt(copies).noise(3).table());
        return VerdictCase.sound(tables, records, copies);
    }

    private static VerdictCase ties(RandomGenerator random, int records, double copies) {
        List<Table> tables =
                new ArrayList<>(tables(3, () -> texts(random).levels(2).tilt(copies)));
        tables.addAll(tables(
                3, () -> texts(random).constant(random.nextBoolean() ? 1 : 0).tilt(copies)));
        return VerdictCase.sound(tables, records, copies);
    }

    /** A conditional or a policy that is none. */
    private static VerdictCase anyPolicy(
            RandomGenerator random, int records, double copies, Supplier<VerdictWorlds> world) {
        double noise = random.nextBoolean() ? 0 : 1.2;
        return sound(random, records, copies, () -> world.get().tilt(copies).noise(noise));
    }
}
