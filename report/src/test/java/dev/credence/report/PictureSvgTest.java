package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.figures.Picture;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PictureSvgTest {
    private static final Picture.Axis X = Picture.Axis.linear("steps");
    private static final Picture.Axis Y = Picture.Axis.linear("KL, nats");

    private static Document parsed(Picture picture) throws Exception {
        byte[] svg = PictureSvg.of(picture).getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(svg));
    }

    private static List<String> texts(Document document) {
        NodeList all = document.getElementsByTagName("text");
        return java.util.stream.IntStream.range(0, all.getLength())
                .mapToObj(i -> all.item(i).getTextContent())
                .toList();
    }

    private static List<String> attributes(Document document, String element, String name) {
        NodeList all = document.getElementsByTagName(element);
        return java.util.stream.IntStream.range(0, all.getLength())
                .mapToObj(i -> ((Element) all.item(i)).getAttribute(name))
                .toList();
    }

    private static Picture picture(Picture.Axis y, Picture.Series... series) {
        return Picture.of("one", "A <title> & more", "caption", X, y, List.of(series));
    }

    @Test
    void axesHaveRoundNumbersAndTheNamesOfTheirQuantities() throws Exception {
        Picture.Series line = Picture.Series.line("RLOO", new double[] {0, 5, 10}, new double[] {.05, .3, .93});
        assertThat(texts(parsed(picture(Y, line))))
                .contains("A <title> & more", "RLOO", "steps", "KL, nats", "0", "2", "4", "10", "0.2", "0.6", "1");
    }

    @Test
    void pointsLieWhereTheirNumbersAre() throws Exception {
        Picture.Series line = Picture.Series.line("a", new double[] {0, 10}, new double[] {0, 1});
        assertThat(attributes(parsed(picture(Y, line)), "path", "d"))
                .as("from the lower left corner of the plane to its upper right one")
                .contains("M74.0 380.0L702.0 80.0");
    }

    @Test
    void aLogarithmicAxisLeavesOutWhatIsNotAboveZero() throws Exception {
        Picture.Series line =
                Picture.Series.line("a", new double[] {0, 1, 2, 3}, new double[] {0, .01, Double.NaN, 10});
        List<String> texts = texts(parsed(picture(Picture.Axis.logarithmic("KL"), line)));
        assertThat(texts).contains("0.01", "0.1", "1", "10");
        assertThat(PictureSvg.of(picture(Picture.Axis.logarithmic("KL"), line))).doesNotContain("NaN", "Infinity");
    }

    @Test
    void intervalsAndBarsAreDrawn() throws Exception {
        Picture.Series line = Picture.Series.line("a", new double[] {0, 1}, new double[] {1, 2})
                .within(new double[] {.5, 1.5}, new double[] {1.5, 2.5});
        assertThat(PictureSvg.of(picture(Y, line))).contains("opacity=\".6\"");
        Picture bars = Picture.bars(
                "bars",
                "t",
                "c",
                Y,
                List.of("one", "two"),
                List.of(Picture.Series.bars("a", 1, -2), Picture.Series.bars("b", 3, Double.NaN)));
        assertThat(attributes(parsed(bars), "rect", "fill"))
                .as("paper, two in the legend, three bars")
                .containsExactly("#fff", "#0072b2", "#d55e00", "#0072b2", "#d55e00", "#0072b2");
        assertThat(texts(parsed(bars))).contains("one", "two");
    }

    @Test
    void nothingToDrawIsAnEmptyPlane() throws Exception {
        Picture.Series none = Picture.Series.points("none", new double[] {}, new double[] {});
        Picture.Series same = Picture.Series.points("same", new double[] {3}, new double[] {7});
        assertThat(texts(parsed(picture(Y, none)))).contains("none");
        assertThat(PictureSvg.of(picture(Y, same))).doesNotContain("NaN", "Infinity");
        assertThat(PictureSvg.of(picture(Picture.Axis.logarithmic("KL"), same))).doesNotContain("NaN", "Infinity");
    }
}
