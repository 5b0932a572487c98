package dev.credence.data.rollouts;

import static dev.credence.data.rollouts.Logs.POLICY;
import static dev.credence.data.rollouts.Logs.PRIOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of a record, and what an error says. */
class RecordRulesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "logp_prior":-1.5  | "logp_prior":0.3          | field 'logp_prior' is 0.3; a log-probability is at most 0, in nats
            "logp_policy":-2   | "logp_policy":1e-5        | field 'logp_policy' is 1e-5; a log-probability is at most 0, in nats
            "logp_policy":-2   | "logp_policy":NaN         | field 'logp_policy' is NaN; it must be a finite number of nats
            "logp_policy":-2   | "logp_policy":Infinity    | field 'logp_policy' is Infinity; it must be a finite number of nats
            "logp_policy":-2   | "logp_policy":-1e999      | field 'logp_policy' is -inf; it must be finite where the source is policy
            "logp_policy":-2   | "logp_policy":"-inf"      | field 'logp_policy' is -inf; it must be finite where the source is policy
            "logp_prior":-1.5  | "logp_prior":"-inf"       | field 'logp_prior' is "-inf"; it must be a finite number
            "logp_prior":-1.5  | "logp_prior":-Infinity    | field 'logp_prior' is -Infinity; it must be a finite number of nats
            "logp_prior":-1.5  | "logp_prior":"-1.5"       | field 'logp_prior' is "-1.5"; it must be a finite number, without quotes
            "logp_prior":-1.5  | "logp_prior":[-1,-0.5]    | field 'logp_prior' is an array; it must be a finite number, the sum over the tokens; an array of theirs is called token_logp_prior
            "logp_prior":-1.5  | "logp_prior":null         | field 'logp_prior' is null; every record has a value there
            "logp_prior":-1.5  | "x":1                     | field 'logp_prior' is missing; every record has logp_prior
            "logp_policy":-2   | "x":1                     | field 'logp_policy' is missing; every record has logp_policy; if the log calls it otherwise, name its place with the setting field: logp_policy=PATH; this one has prompt, completion, reward, logp_prior, x, source
            "prompt":"p"       | "x":1                     | field 'prompt' is missing; every record has prompt
            "prompt":"p"       | "prompt":3                | field 'prompt' is 3; it must be a text
            "prompt":"p"       | "prompt":[{"role":"user"}] | a message has a role and a content
            "completion":"a"   | "x":1                     | field 'completion' is missing; every record has completion
            "completion":"a"   | "completions":"a"         | reward, logp_prior, logp_policy, source; did you mean 'completions'?
            "completion":"a"   | "text":1,"b c":2           | this one has prompt, text, b c, reward
            "reward":0.5       | "x":1                     | field 'reward' is missing; every record has reward; if the log calls it otherwise, name its place with the setting field: reward=PATH, or give a reward of the text; this one has prompt
            "reward":0.5       | "reward":NaN              | field 'reward' is NaN; it must be a finite number
            "reward":0.5       | "reward":1e999            | field 'reward' is 1e999; it must be a finite number
            "reward":0.5       | "reward":"high"           | field 'reward' is "high"; it must be a finite number
            "reward":0.5       | "reward":{}               | field 'reward' is {}; it must be a number or an object of named numbers
            "reward":0.5       | "reward":{"a":true}       | field 'reward.a' is true; it must be a finite number: 1 or 0 for true or false
            "reward":0.5       | "reward":{"a":1}          | field 'reward' is named [a]; every record has the same rewards, and the first has [reward]
            "source":"policy"  | "x":1                     | field 'source' is missing; every record has source (who drew its text: prior or policy); if the log calls it otherwise, name its place with the setting field: source=PATH; this one has prompt
            "source":"policy"  | "source":7                | field 'source' is 7; it must be a text
            "reward":0.5       | "reward":1,"reward":1     | record {"prompt":"p"
            "reward":0.5       | "reward":1,"x":{"y":1,"y":2} | Duplicate
            "reward":0.5       | "reward":0.5,"tokens":2.5 | field 'tokens' is 2.5; it must be a whole number, 0 or more
            "reward":0.5       | "reward":0.5,"tokens":-1  | field 'tokens' is -1; it must be a whole number, 0 or more
            "reward":0.5       | "reward":0.5,"finished":1 | field 'finished' is 1; it must be true or false
            "reward":0.5       | "reward":0.5,"group":1.5  | field 'group' is 1.5; it must be a text or a whole number
            "reward":0.5       | "reward":0.5,"step":1.5   | field 'step' is 1.5; it must be a whole number
            "reward":0.5       | "reward":0.5,"split":"test" | field 'split' is test; it must be train or heldout
            "reward":0.5       | "reward":0.5,"prompt_weight":0 | field 'prompt_weight' is 0; it must be a finite number above 0
            "reward":0.5       | "reward":01               | a line holds one JSON object
            "reward":0.5       | "reward":.5               | a line holds one JSON object
            """)
    void aBrokenRuleNamesFileLineFieldValueAndRule(String part, String replacement, String message) {
        String bad = POLICY.replace(part, replacement);
        assertThat(bad).isNotEqualTo(POLICY);
        assertThatThrownBy(() -> Logs.read(PRIOR, POLICY, bad, POLICY))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("-:3: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"prompt":"p","completion":"a"        | this one is cut, or goes on in the next line
            {"prompt":"p","completion":"a         | a line holds one JSON object
            [1]                                   | a line holds one JSON object
            17                                    | a line holds one JSON object
            hello                                 | a line holds one JSON object
            {"prompt":"\\q"}                      | a line holds one JSON object
            """)
    void aBrokenLineIsNamed(String line, String message) {
        assertThatThrownBy(() -> Logs.read(PRIOR, line, POLICY))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("-:2: record ")
                .hasMessageContaining(message);
    }

    @Test
    void twoRecordsOnALineAreRefused() {
        assertThatThrownBy(() -> Logs.read(PRIOR, POLICY + " " + PRIOR))
                .hasMessageStartingWith("-:2: record ")
                .hasMessageContaining("one JSON object, and nothing behind it");
    }

    /** Both readers of lines count the same lines: at a carriage return, U+2028 or U+0085 none begins. */
    @ParameterizedTest
    @ValueSource(strings = {"\r", "\u2028", "\u0085", "\f"})
    void noOtherCharacterEndsALine(String end) throws IOException {
        assertThatThrownBy(() -> Logs.read(PRIOR + end + POLICY))
                .hasMessageStartingWith("-:1: record ")
                .hasMessageContaining("one JSON object")
                .satisfies(e -> assertThat(e.getMessage().contains("it has a carriage return inside"))
                        .isEqualTo(end.equals("\r")));
        String spaced = PRIOR.replace(",", ",\r"); // white space of JSON
        assertThat(Logs.read(spaced, POLICY + "\r").steps().get(0).log().size()).isEqualTo(2);
        byte[] lines = (spaced + "\n\r\n" + POLICY + "\r\n" + PRIOR + end + POLICY).getBytes(StandardCharsets.UTF_8);
        try (RawRecords records = RawRecords.open("-", new ByteArrayInputStream(lines))) {
            assertThat(records.next()).isNotNull();
            assertThat(records.next()).isNotNull();
            assertThat(records.line()).isEqualTo(3);
            assertThatThrownBy(records::next)
                    .hasMessageStartingWith("standard input:4: ")
                    .hasMessageContaining("a line is one JSON object");
        }
    }

    @Test
    void aRecordOverTwoLinesIsRefusedAtItsFirst() {
        assertThatThrownBy(() -> Logs.read(PRIOR, POLICY.replace("\"reward\"", "\n\"reward\"")))
                .hasMessageStartingWith("-:2: ")
                .hasMessageContaining("goes on in the next line");
    }

    @Test
    void aCutLastLineIsRefused() {
        String log = PRIOR + "\n" + POLICY;
        assertThatThrownBy(() -> Logs.read(log.substring(0, log.length() - 3)))
                .hasMessageStartingWith("-:2: ")
                .hasMessageContaining("this one is cut");
    }

    @Test
    void whatIsNoUtf8IsNamedWithItsPlace() {
        byte[] log = (PRIOR + "\n" + POLICY.replace("\"a\"", "\"?\"") + "\n").getBytes(StandardCharsets.UTF_8);
        int place = new String(log, StandardCharsets.UTF_8).indexOf('?');
        log[place] = (byte) 0xff;
        int inLine = place - PRIOR.length();
        assertThatThrownBy(() -> new RolloutLogReader(Logs.options(), new ByteArrayInputStream(log)).read(List.of("-")))
                .hasMessage("-:2: byte 0xff at position " + inLine + " of the line; a log is UTF-8");
    }

    /** What another program writes by default: an editor or a shell of Windows, pandas' to_feather, an archive. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fffe7b00         | UTF-16
            feff007b         | UTF-16
            7b00220070002200 | UTF-16
            4152524f5731ff00 | Arrow or Feather
            504b0304ff00     | zip
            """)
    void otherFormsOfAFileAreRecognised(String bytes, String form) {
        byte[] log = HexFormat.of().parseHex(bytes);
        assertThatThrownBy(() -> new RolloutLogReader(Logs.options(), new ByteArrayInputStream(log)).read(List.of("-")))
                .hasMessageStartingWith("-:1: byte 0x")
                .hasMessageContaining("; a log is UTF-8")
                .hasMessageContaining(form);
    }

    @Test
    void aNulByteIsNoText() {
        assertThatThrownBy(() -> Logs.read(PRIOR, "{\u0000}")).hasMessageStartingWith("-:2: byte 0x00 at position 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "  \n\r\n"})
    void anEmptyLogIsAnError(String log) {
        assertThatThrownBy(() -> Logs.read(log)).hasMessage("-: empty; a log has at least one record");
    }

    @Test
    void aLogWhoseSourcesHaveWordsOfTheirOwnIsNotCalledEmpty() {
        String reference = PRIOR.replace("\"source\":\"prior\"", "\"source\":\"ref\"");
        assertThatThrownBy(() -> Logs.read(reference, reference))
                .hasMessage(
                        "-: field 'source' is 'ref' in the first of 2 records, and none has a logp_source; the sources that"
                                + " need none are written prior and policy; say which word means which with the setting value:"
                                + " ref=prior");
    }

    @Test
    void theRoundingOfASureThingIsZero() {
        LogRead read = Logs.read(PRIOR.replace("-1.5", "1e-7"), POLICY.replace("-1.5", "0.0000005"));
        assertThat(read.steps().get(0).log().columns().logPrior()).containsExactly(0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"-inf\"", "\"-Infinity\"", "-Infinity", "-INF", "-1e999"})
    void thePolicyMayExcludeWhatThePriorDrew(String written) {
        LogRead read = Logs.read(PRIOR, PRIOR.replace("\"logp_policy\":-2", "\"logp_policy\":" + written), POLICY);
        assertThat(read.steps().get(0).log().columns().logPolicy()).containsExactly(-2, Double.NEGATIVE_INFINITY, -2);
    }

    @Test
    void blankLinesCarriageReturnsAndAByteOrderMarkAreNoFault() {
        LogRead read = Logs.read("\ufeff" + PRIOR + "\r\n\r\n   \n" + POLICY + "\r\n\n" + POLICY + "\r");
        assertThat(read.records()).isEqualTo(3);
    }

    @Test
    void linesAreCountedOverBlankOnes() {
        assertThatThrownBy(() -> Logs.read(PRIOR + "\r\n\n\n" + POLICY.replace("0.5", "NaN")))
                .hasMessageStartingWith("-:4: field 'reward' is NaN");
    }

    @Test
    void badRecordsAreSkippedCountedAndListed() {
        String[] lines = new String[60];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = i % 2 == 0 ? PRIOR : POLICY.replace("-2", "2");
        }
        LogRead read = Logs.read(Logs.options().withBadRecords(ReadOptions.BadRecords.SKIP), lines);
        assertThat(read.records()).isEqualTo(30);
        assertThat(read.skipped().count()).isEqualTo(30);
        assertThat(read.skipped().first()).hasSize(LogRead.Skipped.LISTED);
        assertThat(read.skipped().first().get(1))
                .isEqualTo(
                        "-:4: field 'logp_policy' is 2; a log-probability is at most 0, in nats: of a probability take the logarithm, of a loss turn the sign");
    }

    @Test
    void aLogOfBadRecordsOnlyIsAnErrorEvenWhenTheyAreSkipped() {
        ReadOptions options = Logs.options().withBadRecords(ReadOptions.BadRecords.SKIP);
        assertThatThrownBy(() -> Logs.read(options, "{}", "x"))
                .hasMessage(
                        "-: no good record among 2; a log has at least one record; the first of them: -:1: field 'prompt' is"
                                + " missing; every record has prompt; if the log calls it otherwise, name its place with the setting"
                                + " field: prompt=PATH");
    }

    @Test
    void theFirstBadRecordIsReportedWhateverTheChunksAndThreads() {
        String line = PRIOR + " ".repeat(1000) + "\n";
        String log = line.repeat(2_500) + "bad 1\n" + line.repeat(2_500) + "bad 2\n" + line.repeat(100);
        for (int threads = 1; threads <= 4; threads++) {
            ReadOptions options = Logs.options().withThreads(threads);
            assertThatThrownBy(() -> Logs.read(options, log)).hasMessageStartingWith("-:2501: record bad 1");
        }
    }

    @Test
    void aLineMayBeLongerThanAChunk() {
        String text = "x".repeat(3_000_000);
        LogRead read = Logs.read(PRIOR, PRIOR.replace("\"a\"", '"' + text + '"'), POLICY);
        assertThat(read.records()).isEqualTo(3);
        assertThat(read.steps().get(0).log().prompts().get(0).priorTexts()).contains(text);
    }
}
