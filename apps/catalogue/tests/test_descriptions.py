from apps.catalogue.descriptions import from_text, sanitise


def test_a_plain_text_becomes_paragraphs_whatever_stands_in_it():
    html = from_text('L\'été & <b>"frais"</b> : 5 > 3\n\nÀ garder.')
    assert html == '<p>L\'été &amp; &lt;b&gt;"frais"&lt;/b&gt; : 5 &gt; 3</p><p>À garder.</p>'
    assert sanitise(html) == html
