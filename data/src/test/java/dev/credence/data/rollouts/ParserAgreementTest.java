package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The template scanner against Jackson, on good records and on records with something broken in them. */
class ParserAgreementTest {
    private static final String[] HOSTILE = {
        "\"",
        "\\",
        "\\u00",
        "\\uD83D",
        "\\uD83D\\uDE00",
        "\n",
        "\t",
        "\u0000",
        "é",
        "😀",
        "\u007f",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "NaN",
        "-",
        "+",
        ".",
        "e",
        "E5",
        "0",
        "00",
        "1e400",
        "-inf",
        "\"-inf\"",
        "null",
        "true",
        "false",
        "1",
        "9".repeat(30),
        "{}",
        "\"a\":1,",
        "\\\"",
        "\\/",
        "\\n",
        "\\x",
        "-0.0",
        "1E-3",
        "0.1",
        "\r"
    };

    private final SplittableRandom random = new SplittableRandom(20);
    private final TextNumbers sources = new TextNumbers();
    private final TextNumbers groups = new TextNumbers();
    private final PathIndex paths = new PathIndex(FieldMap.standard().with("tokens=usage.tokens"), List.of("quality"));
    private final JsonRecordParser parser =
            new JsonRecordParser(paths, new RecordFields(paths.fields(), RewardMode.REQUIRED, sources, groups));
    private final SlotReader slots = new SlotReader(sources, groups);

    ParserAgreementTest() {
        sources.number("prior");
        sources.number("policy");
    }

    private String text() {
        String[] parts = {"love", " ", "\\n", "\\u00e9", "é", "😀", "\\\"", "\\\\", "thou", "x", ""};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return '"' + text.toString() + '"';
    }

    private String number() {
        double value = -Math.exp(6 * random.nextDouble() - 3);
        return switch (random.nextInt(5)) {
            case 0 -> Long.toString((long) value - 1);
            case 1 -> String.format(java.util.Locale.ROOT, "%.9f", value);
            case 2 -> String.format(java.util.Locale.ROOT, "%e", value);
            default -> Double.toString(value);
        };
    }

    private String record() {
        String space = random.nextBoolean() ? " " : "";
        String fields = "{\"prompt\":" + text() + ",\"completion\":" + text() + ",\"reward\":"
                + (random.nextBoolean() ? number() : "{\"b\":" + number() + ",\"a\":" + number() + "}")
                + ",\"logp_prior\":" + number() + ",\"logp_policy\":" + number() + ",\"source\":"
                + List.of("\"prior\"", "\"policy\"", "\"mi\\u0078\"").get(random.nextInt(3));
        String[] options = {
            ",\"usage\":{\"tokens\":" + random.nextInt(99) + ",\"x\":" + text() + "}",
            ",\"finished\":" + random.nextBoolean(),
            ",\"group\":" + (random.nextBoolean() ? text() : Integer.toString(random.nextInt(9))),
            ",\"step\":" + random.nextInt(99),
            ",\"split\":\"train\"",
            ",\"split\":\"heldout\"",
            ",\"prompt_weight\":0.5",
            ",\"logp_source\":-1.25",
            ",\"quality\":" + number(),
            ",\"kept\":0.25",
            ",\"kept\":{\"prior\":0.5}",
            ",\"kept\":{\"policy\":1,\"prior\":0.125}",
            ",\"draws\":" + (1 + random.nextInt(99)),
            ",\"lambda\":" + number(),
            ",\"finish_reason\":\"length\"",
            ",\"finish_reason\":\"stop\"",
            ",\"truncated\":" + random.nextBoolean(),
            ",\"extra\":null",
            ",\"extra\":[1,2,{\"k\":[]}]",
            ",\"step\":null"
        };
        StringBuilder all = new StringBuilder(fields);
        for (int i = random.nextInt(3); i > 0; i--) {
            String option = options[random.nextInt(options.length)];
            if (all.indexOf(option.substring(0, option.indexOf(':'))) < 0) {
                all.append(option);
            }
        }
        return all.append('}').toString().replace(",\"", "," + space + '"').replace("\":", "\":" + space);
    }

    private String broken(String record) {
        int at = random.nextInt(record.length());
        return switch (random.nextInt(4)) {
            case 0 -> record.substring(0, at);
            case 1 -> record.substring(0, at) + record.substring(at + 1);
            case 2 -> record.substring(0, at) + HOSTILE[random.nextInt(HOSTILE.length)] + record.substring(at);
            default -> record.substring(0, at) + HOSTILE[random.nextInt(HOSTILE.length)] + record.substring(at + 1);
        };
    }

    private static byte[] padded(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + JsonBytes.PADDING);
    }

    /** What was read, or null if the line breaks a rule. */
    private @Nullable String slow(byte[] b, int from, int to) {
        RolloutRecord record = new RolloutRecord(1);
        try {
            parser.parse(b, from, to, record);
            return shown(record, record.rewardNames);
        } catch (BadRecord e) {
            return null;
        }
    }

    private String shown(RolloutRecord record, List<String> rewardNames) {
        StringBuilder rewards = new StringBuilder();
        for (String name : rewardNames.stream().sorted().toList()) {
            rewards.append(name)
                    .append('=')
                    .append(record.rewards[rewardNames.indexOf(name)] + 0.0)
                    .append(' ');
        }
        return String.join(
                "|",
                record.promptText(),
                record.completionText(),
                rewards,
                "" + (record.logPrior + 0.0),
                "" + (record.logPolicy + 0.0),
                sources.text(record.source),
                "" + record.tokens,
                "" + record.cut,
                record.group < 0 ? "" : groups.text(record.group),
                record.hasStep + " " + record.step,
                "" + record.heldOut,
                "" + record.weight,
                "" + (record.logSource + 0.0),
                record.kept + " " + record.keptPrior + " " + record.keptPolicy + " " + record.draws,
                "" + (record.lambda + 0.0),
                "" + (record.extras[0] + 0.0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatTheScannerAcceptsIsWhatJacksonReads(int breaking) {
        int matched = 0;
        int refused = 0;
        for (int trial = 0; trial < 8_000; trial++) {
            String good = record();
            byte[] sample = padded(good);
            int length = sample.length - JsonBytes.PADDING;
            String read = slow(sample, 0, length);
            assertThat(read).as(good).isNotNull();
            RecordTemplate template = TemplateBuilder.of(paths, rewardNames(good), sample, 0, length);
            if (template == null) {
                assertThat(good).containsPattern("\\[|kept\": ?\\{|truncated|finish");
                continue;
            }
            String line = breaking == 0 ? good : broken(good);
            byte[] b = padded(line + "\nnext");
            int end = line.getBytes(StandardCharsets.UTF_8).length;
            int firstEnd = JsonBytes.newline(b, 0, b.length - JsonBytes.PADDING);
            RolloutRecord record = new RolloutRecord(1);
            record.rewards = new double[4];
            int to = JsonBytes.invalidUtf8(b, 0, b.length - JsonBytes.PADDING) < 0
                    ? template.match(slots, b, 0, b.length - JsonBytes.PADDING, record)
                    : -1;
            if (to < 0) {
                refused++;
                continue;
            }
            matched++;
            assertThat(to).as(line).isEqualTo(firstEnd);
            assertThat(shown(record, rewardNames(good))).as(line).isEqualTo(slow(b, 0, firstEnd));
            assertThat(firstEnd).isLessThanOrEqualTo(end);
        }
        assertThat(matched).isGreaterThan(breaking == 0 ? 6_000 : 800);
        assertThat(refused).isGreaterThan(breaking == 0 ? -1 : 2_000).isLessThan(breaking == 0 ? 1_200 : 8_000);
    }

    private static List<String> rewardNames(String record) {
        return record.contains("\"b\":") ? List.of("a", "b") : List.of("reward");
    }
}
