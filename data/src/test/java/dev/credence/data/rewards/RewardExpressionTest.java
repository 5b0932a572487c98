package dev.credence.data.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewardExpressionTest {
    /** A reward of the user's. */
    public static final class Vowels implements RewardFunction {
        /** For the class loader. */
        public Vowels() {}

        @Override
        public double reward(String prompt, String completion) {
            return prompt.length()
                    + completion.chars().filter(c -> "aeiou".indexOf(c) >= 0).count();
        }
    }

    /** One that is not made without a number. */
    public record Odd(int remainder) implements RewardFunction {
        @Override
        public double reward(String prompt, String completion) {
            return completion.length() % 2 == remainder ? 1 : 0;
        }
    }

    private record Text(String prompt, String completion, int tokens, Map<String, Double> fields)
            implements ScoredText {
        @Override
        public double field(String name) {
            Double value = fields.get(name);
            if (value == null) {
                throw new NoSuchElementException("every record has a number named " + name);
            }
            return value;
        }
    }

    private static final Text TEXT =
            new Text("ab", "sweet love (and love) + more", 7, Map.of("helpful", 2.5, "a + b", 4.0));

    private static double value(String expression) {
        return RewardExpression.parse(expression).evaluate(TEXT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            contains:love                            ; 1
            contains:hate                            ; 0
            regex:l.ve                               ; 1
            regex:^love                              ; 0
            count:love                               ; 2
            count:[aeiou]                            ; 9
            length                                   ; 7
            field:helpful                            ; 2.5
            0.5*count:love                           ; 1
            -2*count:love                            ; -4
            min(1,count:love)                        ; 1
            min(1,0.25*count:love)                   ; 0.5
            0.5*min(1,count:love) + 0.25*length      ; 2.25
            min(1,0.25*count:(love|sweet))           ; 0.75
            min(5,count:love + 0.5*length)           ; 5
            min(9,count:[)(])                        ; 2
            min(9,count:\\))                         ; 1
            contains:"love) + m"                     ; 1
            contains:" + "                           ; 1
            field:"a + b"                            ; 4
            1e1*contains:love + -1.5*contains:sweet  ; 8.5
            count:sweet love \\(and love\\)          ; 1
            """)
    void expressionsHaveTheirValue(String expression, double expected) {
        assertThat(value(expression)).isEqualTo(expected);
        RewardExpression parsed = RewardExpression.parse(expression);
        RewardExpression again = RewardExpression.parse(parsed.toString());
        assertThat(again).isEqualTo(parsed).hasToString(parsed.toString()).hasSameHashCodeAs(parsed);
        assertThat(again.evaluate(TEXT)).isEqualTo(expected);
    }

    @Test
    void classesAreLoaded() {
        String expression = "0.5*class:" + Vowels.class.getName();
        assertThat(value(expression)).isEqualTo(0.5 * (2 + 9));
        assertThat(RewardExpression.parse(expression)).hasToString(expression);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mean(field:x,field:y)                    | 1   | mean(field:x,field:y)",
                "min(field:x,field:y,length)              | -1  | min(field:x,field:y,length)",
                "mean-variance(field:x,field:y)           | -3  | mean-variance(field:x,field:y)",
                "mean-variance(0.5,field:x,field:y)       | -1  | mean-variance(0.5,field:x,field:y)",
                "mean-variance(1,field:x,field:y)         | -3  | mean-variance(field:x,field:y)",
                "2*mean(0.5*field:x,field:y + field:y)    | -0.5 | 2*mean(0.5*field:x,field:y + field:y)",
                "min(-2,mean(field:x,field:y))            | -2  | min(-2,mean(field:x,field:y))",
                "mean(count:a{1,2},count:[,x](,),field:x) | 1   | mean(count:a{1,2},count:[,x](,),field:x)",
                "mean(contains:\"a,a\",field:x)         | 2   | mean(contains:\"a,a\",field:x)"
            })
    void severalRewardsBecomeOne(String expression, double value, String text) {
        ScoredText scored = new Text("", "a,a", 7, Map.of("x", 3.0, "y", -1.0));
        RewardExpression parsed = RewardExpression.parse(expression);
        double expected = expression.contains("count") ? (2 + 0 + 3) / 3.0 : value;
        assertThat(parsed.evaluate(scored)).isCloseTo(expected, within(1e-12));
        assertThat(parsed.evaluateAll(List.of(scored, scored)))
                .containsExactly(new double[] {expected, expected}, within(1e-12));
        assertThat(parsed).hasToString(text);
        assertThat(RewardExpression.parse(text)).isEqualTo(parsed);
    }

    @Test
    void fieldsAreNamed() {
        assertThat(RewardExpression.parse("field:x + min(1,2*field:y) + length").fields())
                .containsExactly("x", "y");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `` | a reward is field:
            love | a reward is field:
            lenght | a reward is field:
            sum:x | a reward is field:
            count: | count: has something behind the colon
            count:( | the pattern is a regular expression of Java
            min(1 | min(NUMBER,REWARD) has a comma
            min(x,length) | a reward is field:
            min(length) | takes several rewards, with commas between, or a number and a reward
            mean(2,length) | mean(REWARD,REWARD) is of rewards alone
            mean(length,length | closed by a parenthesis
            mean-variance(.5,length) | takes several rewards
            min(1,length | closed by a parenthesis
            length) | a reward is field:
            1..2*length | "1..2" must be a number
            1e999*length | "1e999" must be a finite number
            contains:"x | a quote that is opened is closed
            contains:"x"y | nothing is left behind the reward
            class:no.such.Thing | is on the class path
            class:java.lang.String | implements dev.credence.core.evidence.RewardFunction
            class:java.lang.Integer | implements dev.credence.core.evidence.RewardFunction
            class:dev.credence.data.rewards.RewardExpressionTest$Odd | has a public constructor without parameters
            command:./score | command: cannot be computed while a log is read
            http:x | http: cannot be computed while a log is read
            model:dir | model: cannot be computed while a log is read
            table:warmth | table: cannot be computed while a log is read
            lexicon:no/such/file | there is no such file
            """)
    void malformedExpressionsSayWhatIsWrong(String expression, String message) {
        assertThatThrownBy(() -> RewardExpression.parse(expression))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("reward is ")
                .hasMessageContaining(message);
    }

    @Test
    void whatTheRecordLacksIsSaid() {
        assertThatThrownBy(() -> value("field:other")).hasMessage("every record has a number named other");
    }

    @TempDir
    private Path folder = Path.of("");

    @Test
    void lexiconsSumTheWeightsOfWords() throws IOException {
        Path file = folder.resolve("words.tsv");
        Files.writeString(file, "Love\nsweet\t0.5\n\nmore\t-2\n");
        assertThat(value("lexicon:" + file)).isEqualTo(2 + 0.5 - 2);
        assertThat(value("2*lexicon:" + file)).isEqualTo(1);
        assertThat(RewardExpression.parse("lexicon:" + file)).hasToString("lexicon:" + file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"love\nLove", "love\tx", "love\tNaN", "two words", "\n"})
    void badLexiconsAreNamed(String content) throws IOException {
        Path file = folder.resolve("words.tsv");
        Files.writeString(file, content);
        assertThatThrownBy(() -> RewardExpression.parse("lexicon:" + file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("words.tsv");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "contains:love                       | 0         | 1",
                "regex:a=b                           | 0         | 1",
                "0.5*contains:a + 2*regex:b          | 0         | 2.5",
                "-3*contains:a                       | -3        | 0",
                "0*field:x                           | 0         | 0",
                "count:a                             | 0         | Infinity",
                "-1*count:a                          | -Infinity | 0",
                "min(3,count:a)                      | 0         | 3",
                "min(-1,count:a)                     | -1        | -1",
                "min(1,field:x)                      | -Infinity | 1",
                "2*min(1,0.5*count:a) + contains:b   | 0         | 3",
                "length                              | 0         | Infinity",
                "mean(contains:a,2*contains:b)       | 0         | 1.5",
                "min(contains:a,-1*contains:b)       | -1        | 0",
                "mean-variance(contains:a,length)    | -Infinity | Infinity",
                "mean-variance(2,contains:a,regex:b) | -Infinity | 1",
                "field:x                             | -Infinity | Infinity",
                "contains:a + field:x                | -Infinity | Infinity",
            })
    void rangesFollowFromTheExpression(String text, double lower, double upper) {
        ValueBounds range = RewardExpression.parse(text).range();
        assertThat(range.lower() + 0.0).isEqualTo(lower); // no negative zero
        assertThat(range.upper() + 0.0).isEqualTo(upper);
    }
}
