package io.caskade.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PageSectionTest {

    private final PageSection figures = new PageSection("<!-- begin -->", "<!-- end -->");

    @Test
    void figuresReplaceThoseOfTheLastRun() {
        String page = "before\n<!-- begin -->\nold\n<!-- end -->\nafter\n";

        assertThat(figures.insert(figures.insert(page, "new"), "newer"))
                .isEqualTo("before\n<!-- begin -->\n\nnewer\n\n<!-- end -->\nafter\n");
    }

    @Test
    void aPageWithMisplacedMarkersIsRefused() {
        assertThatThrownBy(() -> figures.insert("<!-- end --> <!-- begin -->", "new"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
