import assert from 'node:assert/strict'
import { afterEach, suite, test } from 'node:test'
import { runInThisContext } from 'node:vm'
import { messagesScript } from '../../../src/protocol/messages'
import { setMessages, t } from '../../../src/sampler/text'

suite('t', () => {
  afterEach(() => { setMessages(undefined) })

  test('says English where there are no messages, or not this one', () => {
    assert.equal(t('Step {0} of {1}', 2, 'ten'), 'Step 2 of ten')
    setMessages({ Stop: 'Halt' })
    assert.equal(t('Step {0}', 2), 'Step 2')
    assert.equal(t('Stop'), 'Halt')
  })

  test('a translation may turn the arguments round, and an argument that looks like a place is none', () => {
    setMessages({ '{0} of {1}': 'von {1}: {0}' })
    assert.equal(t('{0} of {1}', '{1}', '$&'), 'von $&: {1}')
  })

  test('a page is given its messages by a script that no text can leave', () => {
    assert.equal(messagesScript('n', undefined), '')
    const text = '</script><!-- \u2028 " ’'
    const [, script] = /^<script nonce="n">(.*)<\/script>\n$/s.exec(messagesScript('n', { Stop: text }))!
    assert.ok(!script!.includes('<'))
    runInThisContext(script!)
    assert.equal(t('Stop'), text)
  })
})
