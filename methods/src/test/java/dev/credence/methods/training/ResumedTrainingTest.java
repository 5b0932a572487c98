package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.Sampling;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.ResumableRandom;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method that trains, broken off at random steps and taken up by a new process's objects. */
class ResumedTrainingTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final int STEPS = 60;

    /** All of the class path, and settings that have more state. */
    static Stream<String> settings() {
        Stream<String> plain = Methods.all().stream()
                .filter(TrainedConditioner.class::isInstance)
                .map(method -> method.card().name())
                .map(name -> name.equals("sft") ? "sft observation=b" : name.equals("gdc") ? "gdc moment=2" : name);
        return Stream.concat(
                plain,
                Stream.of(
                        "rloo adaptive-kl=0.3",
                        "rloo target-kl=0.05",
                        "rloo optimiser=sgd",
                        "rloo population=true",
                        "rloo reset-reference=17 steps=60",
                        "rloo population=true reset-reference=20 steps=60",
                        "ppo baseline=value reset-reference=30 steps=60",
                        "ppo adaptive-kl=0.3 epochs=3",
                        "ppo baseline=value",
                        "ppo baseline=value-head value-lr=0.02 gae-lambda=0.5",
                        "expert-iteration rounds=3 n=2",
                        "expert-iteration prior-share=0.5 rounds=7",
                        "observation copies=2 population=true",
                        "dpo population=true",
                        "distil population=true",
                        "f-dpg divergence=tv population=true",
                        "quark rounds=4 penalty=1",
                        "awr rounds=3 max-weight=2",
                        "natural-gradient target-kl=0.2"));
    }

    /** What a process holds of a run. */
    private static final class Holder {
        private final TabularPolicy policy;
        private final TrainingRun run;
        private final ResumableRandom random = new ResumableRandom(3);
        private final List<TrainingStep> seen = new ArrayList<>();

        Holder(String setting) {
            TrainedConditioner method = (TrainedConditioner) Methods.byName(setting.split(" ", -1)[0]);
            MethodOptions options = options(setting);
            if (!setting.startsWith("natural") && !options.has("steps")) {
                options = options.with("steps", STEPS);
            }
            TrainingSettings settings = method.settings(options, TrainingSettings.Place.TABLE);
            policy = new TabularPolicy(T1, settings.optimiser());
            Training training = method.begin(policy, TableTasks.of(T1, REWARD), options, settings);
            run = new TrainingRun(training, settings.steps(), method.stopAtKl(options));
        }

        private static MethodOptions options(String setting) {
            MethodOptions options = MethodOptions.none();
            for (String given : setting.split(" ", -1)) {
                int equals = given.indexOf('=');
                options = equals > 0 ? options.with(given.substring(0, equals), given.substring(equals + 1)) : options;
            }
            return options;
        }

        byte[] save() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            policy.save(out);
            run.save(out);
            random.save(out);
            return out.toByteArray();
        }

        void restore(byte[] state) throws IOException {
            ByteArrayInputStream in = new ByteArrayInputStream(state);
            policy.restore(in);
            run.restore(in);
            random.restore(in);
            assertThat(in.available()).isZero();
        }

        TrainingRun.Outcome finish() {
            return run.run(random, seen::add);
        }
    }

    /** On a model each step is fitted to draws; a table learns from draws as a model does. */
    @Test
    void fittedNaturalStepsGoOnWithTheSameBitsAndEndNearTheirCopies() throws IOException {
        NaturalGradient method = (NaturalGradient) Methods.byName("natural-gradient")
                .with(Map.of("steps", "60", "lr", "0.025", "samples", "256", "fit-lr", "0.05"));
        TrainingSettings settings = method.at(TrainingSettings.Place.MODEL);
        byte[] middle = {};
        byte[][] ends = new byte[2][];
        for (int go = 0; go < ends.length; go++) {
            ResumableRandom random = new ResumableRandom(3);
            try (TabularPolicy policy = new TabularPolicy(T1, settings.optimiser())) {
                Training training = method.begin(policy, TableTasks.of(T1, REWARD), settings);
                if (go > 0) {
                    ByteArrayInputStream in = new ByteArrayInputStream(middle);
                    policy.restore(in);
                    training.restore(in);
                    random.restore(in);
                }
                for (int step = go == 0 ? 0 : 30; step < settings.steps(); step++) {
                    if (step == 30) {
                        middle = state(policy, training, random);
                    }
                    training.step(random);
                }
                ends[go] = state(policy, training, random);
                Distribution aimed = method.aim().limit(T1, REWARD).given("");
                assertThat(method.aim().evidence()).isEqualTo("1.5 copies of the reward (beta 0.667)");
                assertThat(Divergences.kl(policy.table().given(""), aimed)).isLessThan(0.02);
                assertThat(Divergences.kl(T1.given(""), aimed)).isGreaterThan(0.5);
            }
        }
        assertThat(ends[1]).isEqualTo(ends[0]);
        NaturalGradient stopped = (NaturalGradient) Methods.byName("natural-gradient")
                .with(new MethodOptions(Map.of("target-kl", "0.3", "fit-lr", "0.02"), RewardType.SCORE));
        TrainingSettings most = stopped.at(TrainingSettings.Place.MODEL);
        try (TabularPolicy policy = new TabularPolicy(T1, most.optimiser())) {
            Training training = stopped.begin(policy, TableTasks.of(T1, REWARD), most);
            TrainingRun.Outcome end = new TrainingRun(training, most.steps(), stopped.stopAtKl())
                    .run(new SplittableRandom(1), step -> {});
            assertThat(end.last().kl()).isBetween(0.3, 0.5);
        }
        assertThatThrownBy(() -> ((NaturalGradient)
                                Methods.byName("natural-gradient").with(Map.of("samples", "1")))
                        .at(TrainingSettings.Place.MODEL))
                .hasMessageContaining("samples is 1; a prompt's texts are compared with their mean");
    }

    private static byte[] state(TabularPolicy policy, Training training, ResumableRandom random) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        policy.save(out);
        training.save(out);
        random.save(out);
        return out.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void endsWithTheSameBits(String setting) throws IOException {
        Holder whole = new Holder(setting);
        List<byte[]> states = new ArrayList<>();
        states.add(whole.save());
        TrainingRun.Outcome outcome = whole.run.run(whole.random, new TrainingRun.StepListener() {
            @Override
            public void measured(TrainingStep step) {
                whole.seen.add(step);
            }

            @Override
            public void passed(TrainingStep step) {
                try {
                    states.add(whole.save());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        byte[] last = whole.save();
        SplittableRandom random = new SplittableRandom(setting.hashCode());
        int taken = states.size() - 1;
        for (int at : new int[] {0, random.nextInt(taken + 1), random.nextInt(taken + 1), taken}) {
            Holder other = new Holder(setting);
            other.restore(states.get(at));
            assertThat(other.finish()).as("from step %d", at).isEqualTo(outcome);
            assertThat(other.save()).as("from step %d", at).isEqualTo(last);
            assertThat(other.seen).isEqualTo(whole.seen.subList(at, taken));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rloo", "dpo", "distil"})
    void refusesAnotherMethodsState(String setting) throws IOException {
        Holder process = new Holder(setting);
        ByteArrayOutputStream state = new ByteArrayOutputStream();
        new Holder(setting.equals("dpo") ? "rloo" : "dpo").run.save(state);
        byte[] before = process.save();
        assertThatThrownBy(() -> process.run.restore(new ByteArrayInputStream(state.toByteArray())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("goes on with its own only");
        assertThatThrownBy(() -> process.run.restore(new ByteArrayInputStream(state.toByteArray(), 0, 30)))
                .isInstanceOf(IOException.class);
        assertThat(process.save()).isEqualTo(before);
    }

    /** A field of a state as bytes: its name, and all of it. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Field(String name, byte[] bytes) {}

    /** Each state of a stream, of policy, run, training and generator, with the bytes before its fields. */
    private static List<List<Field>> fields(byte[] saved) throws IOException {
        List<List<Field>> states = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved));
        while (in.available() > 0) {
            List<Field> fields = new ArrayList<>(List.of(new Field(in.readUTF() + "|" + in.readUTF(), new byte[0])));
            int count = in.readInt();
            for (int k = 0; k < count; k++) {
                String name = in.readUTF();
                boolean isWhole = in.readBoolean();
                int length = in.readInt();
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                DataOutputStream out = new DataOutputStream(bytes);
                out.writeUTF(name);
                out.writeBoolean(isWhole);
                out.writeInt(length);
                out.write(in.readNBytes(8 * length));
                fields.add(new Field(name, bytes.toByteArray()));
            }
            states.add(fields);
        }
        return states;
    }

    /** The stream without one field of one state; the fields in reverse, as their order means nothing. */
    private static byte[] without(List<List<Field>> states, int state, int field) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (int s = 0; s < states.size(); s++) {
            List<Field> fields = states.get(s);
            for (String part : fields.get(0).name().split("[|]", -1)) {
                out.writeUTF(part);
            }
            out.writeInt(fields.size() - (s == state ? 2 : 1));
            for (int k = fields.size() - 1; k > 0; k--) {
                if (s != state || k != field) {
                    out.write(fields.get(k).bytes());
                }
            }
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aStateThatLacksAFieldIsRefusedByItsName(String setting) throws IOException {
        Holder whole = new Holder(setting);
        for (int step = 0; step < 3; step++) {
            whole.policy.sample(TabularPolicy.ids(0), 1, Sampling.upTo(1), whole.random); // a place in the sequence
        }
        byte[] saved = whole.save();
        List<List<Field>> states = fields(saved);
        assertThat(states).hasSize(setting.contains("value-head") ? 5 : 4);
        new Holder(setting).restore(without(states, -1, 0)); // in any order
        for (int state = 0; state < states.size(); state++) {
            for (int field = 1; field < states.get(state).size(); field++) {
                byte[] lacking = without(states, state, field);
                String name = states.get(state).get(field).name();
                Holder other = new Holder(setting);
                assertThatThrownBy(() -> other.restore(lacking))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("has no field '" + name + "'");
            }
        }
    }
}
